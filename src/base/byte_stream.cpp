// SPDX-License-Identifier: MIT
#include "base/byte_stream.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace cujitsu {
namespace {

constexpr std::size_t length_bytes = 8;  // what precedes each text and list

template <class Integer>
void append(std::string& bytes, Integer value) {
  std::array<char, sizeof value> encoded;
  for (std::size_t i = 0; i < sizeof value; ++i) encoded[i] = static_cast<char>((value >> (8 * i)) & 0xff);
  bytes.append(encoded.data(), encoded.size());
}

template <class Integer>
Integer decode(std::string_view bytes) noexcept {
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i)
    value |= static_cast<Integer>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return value;
}

}  // namespace

void ByteWriter::u8(std::uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
void ByteWriter::u32(std::uint32_t value) { append(bytes_, value); }
void ByteWriter::u64(std::uint64_t value) { append(bytes_, value); }
void ByteWriter::f64(double value) { u64(std::bit_cast<std::uint64_t>(value)); }

void ByteWriter::hash(const StrongHash& value) {
  bytes_.append(reinterpret_cast<const char*>(value.data()), value.size());
}

void ByteWriter::text(std::string_view value) {
  u64(value.size());
  raw(value);
}

void ByteWriter::texts(const std::vector<std::string>& values) {
  u64(values.size());
  for (const auto& value : values) text(value);
}

void ByteWriter::pairs(const std::vector<std::pair<std::string, std::string>>& values) {
  u64(values.size());
  for (const auto& [first, second] : values) {
    text(first);
    text(second);
  }
}

void ByteWriter::patch_u64(std::size_t position, std::uint64_t value) {
  for (std::size_t i = 0; i < sizeof value; ++i) bytes_.at(position + i) = static_cast<char>((value >> (8 * i)) & 0xff);
}

std::string_view ByteReader::raw(std::uint64_t bytes) {
  if (bytes > rest_.size()) throw FormatError("it ends too early");
  const auto result = rest_.substr(0, static_cast<std::size_t>(bytes));
  rest_.remove_prefix(result.size());
  return result;
}

std::uint8_t ByteReader::u8() { return static_cast<std::uint8_t>(raw(1)[0]); }
std::uint32_t ByteReader::u32() { return decode<std::uint32_t>(raw(4)); }
std::uint64_t ByteReader::u64() { return decode<std::uint64_t>(raw(8)); }
double ByteReader::f64() { return std::bit_cast<double>(u64()); }

std::size_t ByteReader::count(std::size_t item_bytes) {
  const auto items = u64();
  if (items > rest_.size() / item_bytes) throw FormatError("a list is longer than the file");
  return static_cast<std::size_t>(items);
}

StrongHash ByteReader::hash() {
  StrongHash value;
  const auto bytes = raw(value.size());
  std::memcpy(value.data(), bytes.data(), value.size());
  return value;
}

std::vector<std::string> ByteReader::texts() {
  std::vector<std::string> result(count(length_bytes));
  for (auto& value : result) value = text();
  return result;
}

std::vector<std::pair<std::string, std::string>> ByteReader::pairs() {
  std::vector<std::pair<std::string, std::string>> result(count(2 * length_bytes));
  for (auto& [first, second] : result) {
    first = text();
    second = text();
  }
  return result;
}

void ByteReader::finish() const {
  if (!rest_.empty()) throw FormatError("bytes are left over");
}

}  // namespace cujitsu
