// SPDX-License-Identifier: MIT
// PTX's types and state spaces.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cujitsu::softgpu::ptx {

enum class Type : std::uint8_t {
  none,
  pred,
  b8,
  b16,
  b32,
  b64,
  b128,
  u8,
  u16,
  u32,
  u64,
  s8,
  s16,
  s32,
  s64,
  u16x2,
  s16x2,
  f16,
  f16x2,
  bf16,
  bf16x2,
  tf32,
  f32,
  f32x2,
  f64,
  e4m3,
  e5m2,
  e4m3x2,
  e5m2x2,
};

/// In bits; pred: 1; none: 0.
[[nodiscard]] unsigned bits_of(Type type) noexcept;
[[nodiscard]] bool is_signed(Type type) noexcept;    ///< s8 … s64, s16x2
[[nodiscard]] bool is_floating(Type type) noexcept;  ///< f16 … f64, the packed ones, and the 8-bit ones
/// "u32" -> Type::u32, without the dot. Nothing for a word that is no type.
[[nodiscard]] std::optional<Type> parse_type(std::string_view word) noexcept;
[[nodiscard]] std::string_view to_string(Type type) noexcept;

enum class Space : std::uint8_t { generic, reg, param, local, shared, global, constant };

}  // namespace cujitsu::softgpu::ptx
