// SPDX-License-Identifier: MIT
// Numbers, texts and lists as bytes, little-endian on every machine, and back with every bound checked.
#pragma once

#include "base/hash.hpp"

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cujitsu {

/// Stored bytes that are not what they should be. what() is a short phrase. Whoever reads with it catches it.
class FormatError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class ByteWriter {
 public:
  void reserve(std::size_t bytes) { bytes_.reserve(bytes); }
  void u8(std::uint8_t value);
  void u32(std::uint32_t value);
  void u64(std::uint64_t value);
  void i32(std::int32_t value) { u32(static_cast<std::uint32_t>(value)); }
  void i64(std::int64_t value) { u64(static_cast<std::uint64_t>(value)); }
  /// IEEE 754, 64 bits.
  void f64(double value);
  void raw(std::string_view bytes) { bytes_.append(bytes); }
  void hash(const StrongHash& value);
  /// The length first, so that no two sequences of texts have the same bytes.
  void text(std::string_view value);
  void texts(const std::vector<std::string>& values);
  void pairs(const std::vector<std::pair<std::string, std::string>>& values);

  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  /// Overwrites eight bytes that u64 wrote at `position`: a length that is known only afterwards.
  void patch_u64(std::size_t position, std::uint64_t value);
  [[nodiscard]] const std::string& bytes() const& noexcept { return bytes_; }
  [[nodiscard]] std::string bytes() && noexcept { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Every function throws FormatError instead of reading past the end. What it returns as a view points into the bytes
/// it was made with.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] std::uint8_t u8();
  [[nodiscard]] std::uint32_t u32();
  [[nodiscard]] std::uint64_t u64();
  [[nodiscard]] std::int32_t i32() { return static_cast<std::int32_t>(u32()); }
  [[nodiscard]] std::int64_t i64() { return static_cast<std::int64_t>(u64()); }
  [[nodiscard]] double f64();
  [[nodiscard]] std::string_view raw(std::uint64_t bytes);
  [[nodiscard]] StrongHash hash();
  [[nodiscard]] std::string_view text() { return raw(u64()); }
  [[nodiscard]] std::vector<std::string> texts();
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> pairs();
  /// The length of a list whose items take at least `item_bytes` each: one that the rest can not hold is refused before
  /// anything is allocated for it.
  [[nodiscard]] std::size_t count(std::size_t item_bytes);

  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }
  /// Throws when something is left over.
  void finish() const;

 private:
  std::string_view rest_;
};

}  // namespace cujitsu
