// SPDX-License-Identifier: MIT
#include "cache/frame.hpp"

#include "base/hash.hpp"

#include <cassert>
#include <cstring>

namespace cujitsu {
namespace {

// The first byte is no ASCII and no UTF-8, so that no tool takes the file for text.
constexpr std::string_view magic{
    "\x89"
    "CUJITSU",
    8};
constexpr std::size_t tag_bytes = 4;
constexpr std::size_t header_bytes = 24;     // magic, version, kind, payload length
constexpr std::size_t length_position = 16;  // of the payload length
constexpr std::size_t checksum_bytes = sizeof(Hash128);

bool checksum_fits(std::string_view file) noexcept {
  const auto expected = hash128(file.substr(0, file.size() - checksum_bytes));
  return std::memcmp(expected.data(), file.data() + file.size() - checksum_bytes, checksum_bytes) == 0;
}

}  // namespace

FrameWriter::FrameWriter(Tag kind, std::size_t payload_bytes) {
  assert(kind.size() == tag_bytes);
  writer_.reserve(header_bytes + payload_bytes + checksum_bytes);
  writer_.raw(magic);
  writer_.u32(cache_format_version);
  writer_.raw(kind);
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
  const auto checksum = hash128(writer_.bytes());
  for (const auto byte : checksum) writer_.u8(byte);
  return std::move(writer_).bytes();
}

Frame::Frame(Tag kind, std::string_view file) {
  if (file.size() < header_bytes + checksum_bytes) throw FormatError("too short");
  // First of all, so that whatever damage there is has one name, and what follows reads only what a writer wrote.
  if (!checksum_fits(file)) throw FormatError("checksum");
  ByteReader header(file.substr(0, header_bytes));
  if (header.raw(magic.size()) != magic) throw FormatError("not a file of cujitsu's cache");
  if (header.u32() != cache_format_version) throw FormatError("another format version");
  if (header.raw(tag_bytes) != kind) throw FormatError("another kind of file");
  if (header.u64() != file.size() - header_bytes - checksum_bytes) throw FormatError("length");

  ByteReader payload(file.substr(header_bytes, file.size() - header_bytes - checksum_bytes));
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

}  // namespace cujitsu
