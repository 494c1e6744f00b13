// SPDX-License-Identifier: MIT
#include "cache/bundle.hpp"

#include "base/file.hpp"
#include "cache/entry_format.hpp"

#include <fmt/format.h>

#include <cassert>

namespace cujitsu {
namespace {

constexpr Tag bundle_kind = "BUND";
constexpr std::uint32_t bundle_version = 1;  // of the head's sections and of what follows it
constexpr std::size_t key_digits = 32;
constexpr std::size_t item_bytes = key_digits + 8;

bool is_key(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos && text.size() == key_digits;
}

}  // namespace

std::string encode_bundle_head(const std::vector<BundleItem>& items, std::size_t room, const FrameKey* key) {
  assert(items.size() <= room);
  FrameWriter frame(bundle_kind, room * item_bytes + 64, key);
  frame.section("BVER", [](ByteWriter& writer) { writer.u32(bundle_version); });
  frame.section("INDX", [&](ByteWriter& writer) {
    writer.u64(items.size());
    for (const auto& item : items) {
      writer.raw(item.key);
      writer.u64(item.bytes);
    }
  });
  frame.section("PADD", std::string((room - items.size()) * item_bytes, '\0'));
  return std::move(frame).finish();
}

std::uint64_t bundle_head_bytes(std::string_view start) {
  const auto head = read_frame_head(start);
  // The version first: what another version calls a bundle, and how it checks one, is not ours to know.
  if (head.version != cache_format_version)
    throw FormatError(
        fmt::format("it holds entries of format version {}, and this cujitsu reads version {}; make it anew "
                    "with the same cujitsu as reads it",
                    head.version, cache_format_version));
  if (head.kind != bundle_kind) throw FormatError("it is another kind of file of the kernel cache, no bundle");
  return head.file_bytes;
}

std::vector<BundleItem> decode_bundle_head(std::string_view head, const FrameKey* key) {
  const Frame frame(bundle_kind, head, key);
  ByteReader versions(frame.section("BVER"));
  const auto version = versions.u32();
  if (version != bundle_version)
    throw FormatError(
        fmt::format("it is a bundle of version {}, and this cujitsu reads version {}", version, bundle_version));
  ByteReader reader(frame.section("INDX"));
  std::vector<BundleItem> items(reader.count(item_bytes));
  for (auto& item : items) {
    item.key = reader.raw(key_digits);
    item.bytes = reader.u64();
    if (!is_key(item.key)) throw FormatError("a name in it is no key");  // it becomes a path
    if (item.bytes > file::max_bytes) throw FormatError("an entry in it is larger than any can be");
  }
  reader.finish();
  return items;
}

}  // namespace cujitsu
