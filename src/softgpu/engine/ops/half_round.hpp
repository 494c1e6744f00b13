// SPDX-License-Identifier: MIT
// Rounding to the 16-bit and 8-bit formats, bit by bit, so that it does not depend on the host's mode. For files that are
// built once for each instruction set.
#pragma once

#include "softgpu/engine/ops/float_bits.hpp"
#include "softgpu/engine/ops/fpenv.hpp"

#include <cstdint>

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {

// The 8-bit formats, as far as rounding to them needs; `infinity` is the first pattern past the finite ones.
struct E4M3 {
  static constexpr std::uint32_t sign = 0x80, infinity = 0x7f, canonical = 0x7f, largest = 0x7e;
  static constexpr unsigned mantissa_bits = 3, least_exponent = 1023 - 6;
};
struct E5M2 {
  static constexpr std::uint32_t sign = 0x80, infinity = 0x7c, canonical = 0x7f, largest = 0x7b;
  static constexpr unsigned mantissa_bits = 2, least_exponent = 1023 - 14;
};

/// A double to format F, rounded once. NaN: the canonical one, or with `KeepNan` sign and leading payload bits. Finite:
/// what is too large becomes the largest number instead of infinity (.satfinite), infinity too.
template <class F, Rounding Direction, bool KeepNan = false, bool Finite = false>
[[gnu::always_inline]] inline std::uint32_t round_to(double value) noexcept {
  using S = std::int64_t;
  const std::uint64_t bits = bits_of(value);
  const std::uint64_t magnitude = bits & (F64::sign - 1);
  const bool negative = static_cast<S>(bits) < 0;
  constexpr std::uint64_t hidden = std::uint64_t{1} << 52;
  constexpr S drop = 52 - F::mantissa_bits;
  const S exponent = static_cast<S>(magnitude >> 52);
  const S below = static_cast<S>(F::least_exponent) - exponent;
  const S wanted = drop + (below > 0 ? below : 0);
  const std::uint64_t shift = static_cast<std::uint64_t>(wanted > 60 ? 60 : wanted);
  const std::uint64_t significand = exponent == 0 ? magnitude : (magnitude & (hidden - 1)) | hidden;
  const std::uint64_t kept = significand >> shift;
  const std::uint64_t rest = significand & ((std::uint64_t{1} << shift) - 1);
  std::uint64_t up = 0;
  if constexpr (Direction == Rounding::nearest) {
    const std::uint64_t half = std::uint64_t{1} << (shift - 1);
    up = static_cast<S>(rest + (kept & 1)) > static_cast<S>(half) ? 1 : 0;
  } else if constexpr (Direction == Rounding::down) {
    up = negative && rest != 0 ? 1 : 0;
  } else if constexpr (Direction == Rounding::up) {
    up = !negative && rest != 0 ? 1 : 0;
  }
  const std::uint64_t scale = below > 0 ? 0 : static_cast<std::uint64_t>(-below) << F::mantissa_bits;
  const std::uint64_t rounded = kept + up + scale;
  std::uint64_t top = F::infinity;  // what a number past the largest becomes
  if constexpr (Finite || Direction == Rounding::zero) top = F::largest;
  if constexpr (!Finite && Direction == Rounding::down) top = negative ? F::infinity : F::largest;
  if constexpr (!Finite && Direction == Rounding::up) top = negative ? F::largest : F::infinity;
  std::uint64_t result = static_cast<S>(rounded) > static_cast<S>(F::largest) ? top : rounded;
  if constexpr (!Finite) result = magnitude == F64::infinity ? F::infinity : result;
  const std::uint64_t signed_result = result | (negative ? F::sign : 0u);
  std::uint64_t nan = F::canonical;
  if constexpr (KeepNan) {
    nan = F::infinity | ((magnitude | F64::quiet) >> drop & (F::sign - 1)) | (negative ? F::sign : 0u);
  }
  return static_cast<std::uint32_t>(static_cast<S>(magnitude) > static_cast<S>(F64::infinity) ? nan : signed_result);
}

/// A float to the nearest number of a 16-bit format, in the default mode: the common case, all in 32-bit lanes.
template <class F>
[[gnu::always_inline]] inline std::uint32_t nearest(float value) noexcept;

template <>
[[gnu::always_inline]] inline std::uint32_t nearest<BF16>(float value) noexcept {
  const std::uint32_t bits = bits_of(value);
  const std::uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  return value != value ? BF16::canonical : rounded;
}

template <>
[[gnu::always_inline]] inline std::uint32_t nearest<F16>(float value) noexcept {
  using S = std::int32_t;
  const std::uint32_t bits = bits_of(value);
  const std::uint32_t magnitude = bits & 0x7fffffff;
  // Adding a number whose last bit weighs as much as the result's rounds; taking it away leaves the rounded number.
  const std::uint32_t exponent = magnitude & 0x7f800000;
  const std::uint32_t least = 0x38800000;                                                                   // 2^-14
  const std::uint32_t top = static_cast<S>(exponent) > static_cast<S>(0x47800000) ? 0x47800000 : exponent;  // 2^16
  const float magic = as_float((static_cast<S>(top) < static_cast<S>(least) ? least : top) + (13u << 23));
  const float rounded = (as_float(magnitude) + magic) - magic;
  const std::uint32_t rounded_bits = bits_of(rounded);
  const auto tiny = static_cast<std::uint32_t>(static_cast<S>(rounded_bits < least ? rounded * 0x1p24f : 0.0f));
  const std::uint32_t normal = (rounded_bits >> 13) - (112u << 10);
  const std::uint32_t finite = static_cast<S>(rounded_bits) < static_cast<S>(least) ? tiny : normal;
  const std::uint32_t result =
      static_cast<S>(magnitude) >= static_cast<S>(0x477ff000) ? F16::infinity : finite;  // 65520
  return value != value ? F16::canonical : result | (bits >> 16 & 0x8000);
}

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
