// SPDX-License-Identifier: MIT
// XXH3, 128 bits: fast, and wide enough that two inputs never meet by accident. It is no defence against an attacker.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace cujitsu {

using Hash128 = std::array<unsigned char, 16>;

/// In the canonical (big-endian) byte order, so that the value is the same on every machine.
[[nodiscard]] Hash128 hash128(std::string_view bytes) noexcept;

/// 32 lower-case hexadecimal digits.
[[nodiscard]] std::string to_hex(const Hash128& hash);

}  // namespace cujitsu
