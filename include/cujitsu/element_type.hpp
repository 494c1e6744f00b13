// SPDX-License-Identifier: MIT
// What a value is made of, as far as a C++ type, a kernel's signature or an array tells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace cujitsu {

/// One element of an array, or one kernel parameter by value.
struct ElementType {
  enum class Kind : std::uint8_t {
    unknown,   ///< a struct, or nothing is known: fits everything
    any,       ///< void and the byte types, through which everything may be read and written
    integer,   ///< bool, characters and enumerations too
    floating,  ///< half, float, double
    bfloat,    ///< bfloat16
    complex,   ///< two floats or doubles
  };
  enum class Sign : std::uint8_t { either, with_sign, without_sign, boolean };

  Kind kind = Kind::unknown;
  Sign sign = Sign::either;  ///< of an integer
  std::uint8_t lanes = 1;    ///< float3 has 3
  bool is_vector = false;    ///< float1 is one too
  std::uint32_t size = 0;    ///< bytes, of all lanes together; 0 for unknown and any

  [[nodiscard]] constexpr std::uint32_t lane_size() const noexcept { return lanes == 0 ? 0 : size / lanes; }

  friend constexpr bool operator==(const ElementType&, const ElementType&) = default;
};

/// Whether a parameter that points at `pointee` may be given memory that holds `element`: both are known and differ in
/// kind or size where not. Integers of one size are the same whatever their sign; an array of floats is one of float4.
[[nodiscard]] constexpr bool may_point_at(const ElementType& pointee, const ElementType& element) noexcept {
  using Kind = ElementType::Kind;
  const auto open = [](const ElementType& type) { return type.kind == Kind::unknown || type.kind == Kind::any; };
  if (open(pointee) || open(element)) return true;
  if (pointee.kind == element.kind && pointee.lane_size() == element.lane_size())
    return element.lanes == 1 || element.lanes == pointee.lanes;
  // numpy has no bfloat16: its bits are kept as integers
  if (pointee.kind == Kind::bfloat && element.kind == Kind::integer) return pointee.lane_size() == element.size;
  // complex64 is float2
  const bool is_pair = pointee.lanes == 2 || element.lanes == 2;
  const bool is_complex = pointee.kind == Kind::complex || element.kind == Kind::complex;
  const bool is_floating = pointee.kind == Kind::floating || element.kind == Kind::floating;
  return is_pair && is_complex && is_floating && pointee.size == element.size;
}

/// Of a C++ type; `any` for void and std::byte, unknown for classes.
template <class T>
[[nodiscard]] constexpr ElementType element_of() noexcept {
  using Kind = ElementType::Kind;
  using Sign = ElementType::Sign;
  using Plain = std::remove_cv_t<T>;
  if constexpr (std::is_void_v<Plain> || std::is_same_v<Plain, std::byte>) {
    return {Kind::any, Sign::either, 1, false, 0};
  } else if constexpr (std::is_same_v<Plain, bool>) {
    return {Kind::integer, Sign::boolean, 1, false, 1};
  } else if constexpr (std::is_enum_v<Plain>) {
    return {Kind::integer, Sign::either, 1, false, sizeof(Plain)};
  } else if constexpr (std::is_integral_v<Plain>) {
    return {Kind::integer, std::is_signed_v<Plain> ? Sign::with_sign : Sign::without_sign, 1, false, sizeof(Plain)};
  } else if constexpr (std::is_floating_point_v<Plain>) {
    return {Kind::floating, Sign::either, 1, false, sizeof(Plain)};
  } else {
    return {};
  }
}

}  // namespace cujitsu
