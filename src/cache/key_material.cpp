// SPDX-License-Identifier: MIT
#include "cache/key_material.hpp"

#include "base/hash.hpp"
#include "cache/options_codec.hpp"

#include <algorithm>

namespace cujitsu {
namespace {

constexpr std::size_t header_bytes = 8 + sizeof(StrongHash);  // the least that one takes

}  // namespace

void KeyClosure::write(ByteWriter& writer) const {
  writer.text(compiler_identity);
  writer.u64(headers.size());
  for (const auto& header : headers) {
    writer.text(header.path);
    writer.hash(header.hash);
  }
  writer.texts(present);
  writer.texts(absent);
}

KeyClosure KeyClosure::read(ByteReader& reader) {
  KeyClosure result;
  result.compiler_identity = reader.text();
  result.headers.resize(reader.count(header_bytes));
  for (auto& header : result.headers) {
    header.path = reader.text();
    header.hash = reader.hash();
  }
  result.present = reader.texts();
  result.absent = reader.texts();
  return result;
}

bool KeyClosure::describes(const ClosureRecord& records) const {
  return absent == records.absent && present == records.present &&
         std::ranges::equal(headers, records.headers, [](const KeyHeader& header, const HeaderRecord& record) {
           return header.path == record.path && header.hash == record.hash;
         });
}

void KeyClosure::set_headers(const ClosureRecord& records) {
  headers.clear();
  for (const auto& record : records.headers) headers.push_back({record.path, record.hash});
  present = records.present;
  absent = records.absent;
}

void KeyMaterial::write_request(ByteWriter& writer) const {
  std::size_t bytes = source.size() + 1024;  // a guess: one allocation for most programs
  for (const auto& header : options.headers) bytes += header.name.size() + header.text.size() + 16;
  writer.reserve(bytes);
  writer.u32(revision);
  writer.text(source);
  write_options(writer, options);
  writer.texts(compiler_options);
}

std::string KeyMaterial::serialize_request() const {
  ByteWriter writer;
  write_request(writer);
  return std::move(writer).bytes();
}

std::string KeyMaterial::serialize() const {
  ByteWriter writer;
  write_request(writer);
  closure.write(writer);
  return std::move(writer).bytes();
}

KeyMaterial KeyMaterial::deserialize(std::string_view bytes) {
  ByteReader reader(bytes);
  KeyMaterial result;
  result.revision = reader.u32();
  result.source = reader.text();
  result.options = read_options(reader);
  result.compiler_options = reader.texts();
  result.closure = KeyClosure::read(reader);
  reader.finish();
  return result;
}

KeyMaterial::Split KeyMaterial::split(std::string_view bytes) {
  ByteReader reader(bytes);
  static_cast<void>(reader.u32());
  static_cast<void>(reader.text());
  static_cast<void>(read_options(reader));
  static_cast<void>(reader.texts());
  Split result{bytes.size() - reader.rest().size(), KeyClosure::read(reader)};
  reader.finish();
  return result;
}

std::string key_group(std::string_view source) { return to_hex(hash128(source)).substr(0, group_digits); }

CacheKey KeyMaterial::key() const {
  auto material = serialize();
  auto hex = key_group(source);
  hex += std::string_view(to_hex(hash128(material))).substr(group_digits);
  return {std::move(material), std::move(hex)};
}

}  // namespace cujitsu
