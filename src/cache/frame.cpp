// SPDX-License-Identifier: MIT
#include "cache/frame.hpp"

#include <cassert>
#include <limits>

namespace cujitsu {
namespace {

// The first byte is no ASCII and no UTF-8, so that no tool takes the file for text.
constexpr std::string_view magic{
    "\x89"
    "CUJITSU",
    8};
constexpr std::size_t tag_bytes = 4;
constexpr std::size_t header_bytes = 32;     // magic, version, kind, flags, key's id, payload length
constexpr std::size_t flags_position = 16;   // of the flags, which the key's id follows
constexpr std::size_t length_position = 24;  // of the payload length
constexpr std::size_t hash_bytes = sizeof(StrongHash);
constexpr std::size_t section_header_bytes = tag_bytes + 8;
constexpr std::uint32_t keyed_flag = 1;

/// Reads magic, version and kind, and throws unless they are right.
void check_origin(ByteReader& header, Tag kind) {
  if (header.raw(magic.size()) != magic) throw FormatError("not a file of cujitsu's cache");
  if (header.u32() != cache_format_version) throw FormatError("another format version");
  if (header.raw(tag_bytes) != kind) throw FormatError("another kind of file");
}

/// Whether the file was written with a key, and that it is the key we have. Nothing is verified yet, so this decides only
/// under which name a file is refused.
void check_key(std::string_view file, Tag kind, const FrameKey* key) {
  ByteReader reader(file.substr(flags_position));
  const auto flags = reader.u32();
  const auto id = reader.u32();
  // No single wrong byte turns the one into the other.
  if (flags > keyed_flag || (flags == keyed_flag) != (id != 0)) throw FormatError("checksum");
  const auto wanted = key != nullptr ? key->id : 0;
  if (id == wanted) return;
  ByteReader header(file);
  check_origin(header, kind);
  if (wanted != 0) throw AuthenticationError("not authenticated by the key file");
  throw AuthenticationError("authenticated by a key file, and this process has none");
}

}  // namespace

FrameHead read_frame_head(std::string_view bytes) {
  static_assert(frame_head_bytes == header_bytes);
  ByteReader header(bytes);
  if (header.raw(magic.size()) != magic) throw FormatError("not a file of cujitsu's cache");
  FrameHead head;
  head.version = header.u32();
  head.kind = header.raw(tag_bytes);
  static_cast<void>(header.u64());  // flags and key's id
  const auto payload = header.u64();
  constexpr auto most = std::numeric_limits<std::uint64_t>::max() - header_bytes - hash_bytes;
  head.file_bytes = (payload > most ? most : payload) + header_bytes + hash_bytes;
  return head;
}

FrameWriter::FrameWriter(Tag kind, std::size_t payload_bytes, const FrameKey* key) : key_(key) {
  assert(kind.size() == tag_bytes);
  writer_.reserve(header_bytes + payload_bytes + hash_bytes);
  writer_.raw(magic);
  writer_.u32(cache_format_version);
  writer_.raw(kind);
  writer_.u32(key != nullptr ? keyed_flag : 0);
  writer_.u32(key != nullptr ? key->id : 0);
  writer_.u64(0);
}

std::size_t FrameWriter::begin(Tag tag) {
  assert(tag.size() == tag_bytes);
  writer_.raw(tag);
  writer_.u64(0);
  return writer_.size();
}

void FrameWriter::end(std::size_t start) { writer_.patch_u64(start - 8, writer_.size() - start); }

void FrameWriter::section(Tag tag, std::string_view content) {
  writer_.raw(tag);
  writer_.text(content);
}

std::string FrameWriter::finish() && {
  writer_.patch_u64(length_position, writer_.size() - header_bytes);
  const auto hash = strong_hash(writer_.bytes(), key_ != nullptr ? &key_->secret : nullptr);
  for (const auto byte : hash) writer_.u8(byte);
  return std::move(writer_).bytes();
}

Frame::Frame(Tag kind, std::string_view file, const FrameKey* key) {
  if (file.size() < header_bytes + hash_bytes) throw FormatError("too short");
  check_key(file, kind, key);
  // Before the rest, so that whatever damage there is has one name, and what follows reads only what a writer wrote.
  const auto hash = strong_hash(file.substr(0, file.size() - hash_bytes), key != nullptr ? &key->secret : nullptr);
  if (!equal_hashes(file.substr(file.size() - hash_bytes), hash)) throw FormatError("checksum");
  ByteReader header(file.substr(0, header_bytes));
  check_origin(header, kind);
  static_cast<void>(header.u64());  // flags and key's id, see above
  if (header.u64() != file.size() - header_bytes - hash_bytes) throw FormatError("length");

  ByteReader payload(file.substr(header_bytes, file.size() - header_bytes - hash_bytes));
  while (!payload.rest().empty()) {
    const Tag tag = payload.raw(tag_bytes);
    const auto content = payload.text();
    for (const auto& [other, unused] : sections_)
      if (other == tag) throw FormatError("a section is there twice");
    sections_.emplace_back(tag, content);
  }
}

std::string_view Frame::section(Tag tag) const {
  for (const auto& [other, content] : sections_)
    if (other == tag) return content;
  throw FormatError("a section is missing");
}

FirstSection first_section(Tag kind, Tag tag, std::string_view beginning, std::size_t most) {
  ByteReader reader(beginning);
  check_origin(reader, kind);
  static_cast<void>(reader.u64());
  static_cast<void>(reader.u64());
  if (reader.raw(tag_bytes) != tag) throw FormatError("a section is missing");
  const auto bytes = reader.u64();
  constexpr auto before = header_bytes + section_header_bytes;
  if (bytes > most || before > most - bytes) throw FormatError("length");
  FirstSection result;
  result.wanted = before + static_cast<std::size_t>(bytes);
  if (result.wanted <= beginning.size()) result.content = reader.raw(bytes);
  return result;
}

}  // namespace cujitsu
