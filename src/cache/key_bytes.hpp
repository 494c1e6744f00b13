// SPDX-License-Identifier: MIT
// Keys in files: 16 bytes for 32 digits.
#pragma once

#include "base/byte_stream.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace cujitsu {

inline constexpr std::size_t key_bytes = 16;

/// `hex` has 32 lower-case digits.
inline void write_key(ByteWriter& writer, std::string_view hex) {
  const auto value = [](char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; };
  for (std::size_t i = 0; i < 2 * key_bytes; i += 2)
    writer.u8(static_cast<std::uint8_t>(value(hex[i]) << 4 | value(hex[i + 1])));
}

[[nodiscard]] inline std::string read_key(ByteReader& reader) {
  constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * key_bytes);
  for (std::size_t i = 0; i < key_bytes; ++i) {
    const auto byte = reader.u8();
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

}  // namespace cujitsu
