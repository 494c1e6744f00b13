// SPDX-License-Identifier: MIT
// a * b + c rounded to odd: an intermediate result that may be rounded once more without error. For files that are built
// once for each instruction set; in the default rounding mode only.
#pragma once

#include "softgpu/engine/ops/float_bits.hpp"

#include <cstdint>

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {

/// The product must be exact in T: f16 operands in float; bf16 and f32 operands in double.
template <class T>
[[gnu::always_inline]] inline T odd_fma(T a, T b, T c) noexcept {
  const T product = a * b;
  const T sum = product + c;
  // What the sum lacks, exactly (Knuth): product + c = sum + lost. NaN where something is infinite.
  const T part = sum - product;
  const T lost = (product - (sum - part)) + (c - part);
  auto bits = bits_of(sum);
  using Bits = decltype(bits);
  const bool inexact = lost > 0 || lost < 0;
  const bool away = ((bits_of(lost) ^ bits) >> (sizeof(T) * 8 - 1)) == 0;  // the true sum is larger in magnitude
  const Bits even = (bits & 1) ^ 1;
  const Bits step = inexact ? even : 0;
  bits = away ? bits + step : bits - step;
  return __builtin_bit_cast(T, bits);
}

/// A double rounded to odd in float's precision, which a rounding to bf16 may follow.
[[gnu::always_inline]] inline float odd_float(double value) noexcept {
  const float rounded = static_cast<float>(value);
  const std::uint32_t bits = bits_of(rounded);  // infinity becomes the largest number where it was rounded to
  const bool larger = __builtin_fabs(value) > __builtin_fabs(static_cast<double>(rounded));
  const bool smaller = __builtin_fabs(value) < __builtin_fabs(static_cast<double>(rounded));
  const std::uint32_t even = (bits & 1) ^ 1;
  const std::uint32_t up = larger ? even : 0;
  const std::uint32_t down = smaller ? even : 0;
  return as_float(bits + up - down);
}

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
