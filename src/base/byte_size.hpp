// SPDX-License-Identifier: MIT
// Sizes in environment variables. Header-only: softgpu, a library of its own, reads them too.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

namespace cujitsu {

/// "4096", "64K", "2g": a number of bytes, with K, M, G or T for powers of 1024. Nothing for anything else, and for what
/// 64 bits do not hold.
[[nodiscard]] inline std::optional<std::uint64_t> parse_byte_size(std::string_view text) noexcept {
  constexpr std::string_view letters = "KMGT";
  std::uint64_t value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc{}) return std::nullopt;
  if (end == last) return value;
  const auto position = letters.find(static_cast<char>(*end & ~0x20));
  if (end + 1 != last || position == std::string_view::npos) return std::nullopt;
  const unsigned shift = 10 * (static_cast<unsigned>(position) + 1);
  if (value << shift >> shift != value) return std::nullopt;
  return value << shift;
}

}  // namespace cujitsu
