// SPDX-License-Identifier: MIT
// Random bytes into what reads the cache's files, with libFuzzer: ./dev fuzz. What is behind a right hash is fuzzed too, as
// a bug or a forger could write it.
#include "base/byte_stream.hpp"
#include "base/hash.hpp"
#include "cache/bundle_reader.hpp"
#include "cache/checked_entry.hpp"
#include "cache/entry_format.hpp"
#include "cache/entry_head.hpp"
#include "cache/frame.hpp"
#include "cache/key_material.hpp"

#include <cujitsu/errors.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace cujitsu;

/// `payload`, which should be sections, in a frame that is right.
std::string framed(Tag kind, std::string_view payload, const FrameKey* key) {
  // A frame without sections is a header and a hash; the header's last eight bytes are the length of what comes between.
  auto frame = FrameWriter(kind, 0, key).finish();
  frame.resize(frame.size() - sizeof(StrongHash));
  ByteWriter length;
  length.u64(payload.size());
  frame.replace(frame.size() - 8, 8, length.bytes());
  frame += payload;
  for (const auto byte : strong_hash(frame, key != nullptr ? &key->secret : nullptr)) frame += static_cast<char>(byte);
  return frame;
}

void read_entry(std::string_view file, const FrameKey* key) {
  try {
    const auto entry = decode_entry(file, key);
    // What was read can be written, and is read again as the same.
    const auto again = encode_entry({}, entry.code, entry.created, entry.closure, key);
    const auto second = decode_entry(again, key);
    if (second.created != entry.created || second.code.ptx != entry.code.ptx ||
        second.code.kernels != entry.code.kernels)
      std::abort();
    static_cast<void>(KeyMaterial::deserialize(entry.material).key());
  } catch (const FormatError&) {}
}

void peek(std::string_view beginning) {
  try {
    std::size_t wanted = 0;
    const auto head = peek_head(beginning, wanted);
    if (head.has_value() != (wanted <= beginning.size())) std::abort();
  } catch (const FormatError&) {}
}

/// A file in memory that has `content`.
std::string file_with(std::string_view content) {
  static const int descriptor = ::memfd_create("bundle", MFD_CLOEXEC);
  if (descriptor < 0 || ::ftruncate(descriptor, 0) != 0 ||
      ::pwrite(descriptor, content.data(), content.size(), 0) != static_cast<ssize_t>(content.size()))
    std::abort();
  return "/proc/self/fd/" + std::to_string(descriptor);
}

/// Returns how many entries are said to be sound; each of them is a whole one of its key, and stands in the bundle.
std::size_t read_bundle(std::string_view bundle, const FrameKey* key) {
  std::size_t sound = 0;
  try {
    BundleReader reader(file_with(bundle), key);
    while (const auto entry = reader.next()) {
      if (!entry->problem.empty()) continue;
      ++sound;
      if (bundle.find(entry->content) == std::string_view::npos) std::abort();
      try {
        if (check_entry_file(entry->key, entry->content, key).material.key().hex != entry->key) std::abort();
      } catch (const FormatError&) {
        std::abort();
      }
    }
  } catch (const CacheError&) {}
  return sound;
}

/// Two bytes are the length of the head's sections; behind them comes what follows the head.
void read_headed_bundle(std::string_view input, const FrameKey* key) {
  if (input.size() < 2) return;
  const auto length = static_cast<unsigned char>(input[0]) + 256U * static_cast<unsigned char>(input[1]);
  input.remove_prefix(2);
  const auto sections = input.substr(0, length);
  read_bundle(framed("BUND", sections, key) + std::string(input.substr(sections.size())), key);
}

/// Each entry's sections follow their length, of two bytes. All that can be read under its own key must come out.
void read_filled_bundle(std::string_view input, const FrameKey* key) {
  std::vector<BundleItem> items;
  std::string rest;
  std::size_t sound = 0;
  while (input.size() >= 2) {
    const auto length = static_cast<unsigned char>(input[0]) + 256U * static_cast<unsigned char>(input[1]);
    input.remove_prefix(2);
    const auto sections = input.substr(0, length);
    input.remove_prefix(sections.size());
    const auto file = framed(entry_kind, sections, key);
    std::string name(32, 'a');
    try {
      name = KeyMaterial::deserialize(decode_entry(file, key).material).key().hex;
      ++sound;
    } catch (const FormatError&) {}
    items.push_back({name, file.size()});
    rest += file;
  }
  const auto room = items.size() + 1;
  if (read_bundle(encode_bundle_head(items, room, key) + rest, key) != sound) std::abort();
}

template <class Read>
void tolerant(const Read& read) {
  try {
    read();
  } catch (const FormatError&) {}
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  FrameKey key;
  key.id = 7;
  switch (data[0] % 11) {
    case 0: read_entry(input, nullptr); break;
    case 1: read_entry(framed(entry_kind, input, nullptr), nullptr); break;
    case 2: read_entry(framed(entry_kind, input, &key), &key); break;
    case 3: peek(input); break;
    case 4: peek(framed(entry_kind, input, nullptr)); break;
    case 5:
      tolerant([&] { static_cast<void>(Frame(note_kind, framed(note_kind, input, nullptr)).section(note_section)); });
      break;
    case 6: tolerant([&] { static_cast<void>(KeyMaterial::deserialize(input).key()); }); break;
    case 7: read_bundle(input, nullptr); break;
    case 8: read_headed_bundle(input, nullptr); break;
    case 9: read_headed_bundle(input, &key); break;
    case 10: read_filled_bundle(input, nullptr); break;
    default: break;
  }
  return 0;
}
