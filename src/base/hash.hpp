// SPDX-License-Identifier: MIT
// Two hashes. XXH3, 128 bits: fast, and wide enough that two inputs never meet by accident; it is no defence against an
// attacker. BLAKE2b, 256 bits: nobody can make another input with the same hash, nor, without the secret, any with a
// right keyed hash.
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

using StrongHash = std::array<unsigned char, 32>;
/// As many bytes as keyed BLAKE2b takes.
using HashSecret = std::array<unsigned char, 32>;

/// BLAKE2b-256, unkeyed, or keyed where there is a `secret`. Any thread.
[[nodiscard]] StrongHash strong_hash(std::string_view bytes, const HashSecret* secret = nullptr) noexcept;

/// 64 lower-case hexadecimal digits.
[[nodiscard]] std::string to_hex(const StrongHash& hash);

/// Compares in a time that tells nothing of where two hashes differ.
[[nodiscard]] bool equal_hashes(std::string_view a, const StrongHash& b) noexcept;

}  // namespace cujitsu
