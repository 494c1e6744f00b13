// SPDX-License-Identifier: MIT
// Rounding to whole numbers. For files that are built once for each instruction set; in the default rounding mode.
#pragma once

#include "softgpu/engine/ops/float_bits.hpp"
#include "softgpu/engine/ops/float_keys.hpp"

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {

template <ConvertRounding How>
[[gnu::always_inline]] inline float to_whole(float x) noexcept {
  if constexpr (How == ConvertRounding::rmi)
    return __builtin_floorf(x);
  else if constexpr (How == ConvertRounding::rpi)
    return __builtin_ceilf(x);
  else if constexpr (How == ConvertRounding::rzi)
    return __builtin_truncf(x);
  else
    return __builtin_rintf(x);
}
template <ConvertRounding How>
[[gnu::always_inline]] inline double to_whole(double x) noexcept {
  if constexpr (How == ConvertRounding::rmi)
    return __builtin_floor(x);
  else if constexpr (How == ConvertRounding::rpi)
    return __builtin_ceil(x);
  else if constexpr (How == ConvertRounding::rzi)
    return __builtin_trunc(x);
  else
    return __builtin_rint(x);
}

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
