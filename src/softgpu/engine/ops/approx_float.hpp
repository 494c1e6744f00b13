// SPDX-License-Identifier: MIT
// The approximations of f32 on one lane: correctly rounded, but for what a GPU is known to answer. For files that are
// built once for each instruction set; in the default rounding mode.
#pragma once

#include "softgpu/engine/ops/approx_math.hpp"

#include <cstdint>

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {

struct Ex2 {
  [[gnu::always_inline]] static std::uint32_t of(std::uint32_t a) noexcept {
    const std::uint32_t result = canonical<F32>(bits_of(static_cast<float>(exp2_of(static_cast<double>(as_float(a))))));
    return a == 0xc2fe0000 ? 0x003fffff : result;  // ex2(-127), the only whole argument that is not exact
  }
};

struct Lg2 {
  [[gnu::always_inline]] static std::uint32_t of(std::uint32_t a) noexcept {
    const double wide = static_cast<double>(as_float(a));
    const double exact = log2_of(wide);
    // The logarithm of a negative power of two comes out 2^-23 short in magnitude and cut to float. Subnormal numbers
    // are multiplied by 2^24 before and 24 is taken off after, rounded, so that from 2^-129 down the result is exact.
    // (A factor of 1 - 2^-24 leads to the next smaller float, of 1 - 2^-23 to the one after it below a power of two.)
    const bool power = (bits_of(wide) & 0x000fffffffffffff) == 0 && wide < 1.0 && exact > -128.5;
    const double factor = exact == -1.0 ? 1.0 - 0x1p-23 : 1.0 - 0x1p-24;
    const std::uint32_t number = bits_of(static_cast<float>(power ? exact * factor : exact));
    const std::uint32_t of_zero = (a & 0x7fffffff) == 0 ? 0xff800000 : number;
    const std::uint32_t of_infinity = a == F32::infinity ? F32::infinity : of_zero;
    const bool invalid = is_nan<F32>(a) || ((a & F32::sign) != 0 && (a & 0x7fffffff) != 0);
    return invalid ? F32::canonical : of_infinity;
  }
};

/// x in turns as the hardware has it: times 0x3e22f983, cut to float.
[[gnu::always_inline]] inline double turns_of(float x) noexcept {
  const double product = static_cast<double>(x) * static_cast<double>(as_float(0x3e22f983));
  const float rounded = static_cast<float>(product);
  const std::uint32_t magnitude = bits_of(rounded) & 0x7fffffff;
  const bool over = __builtin_fabs(static_cast<double>(rounded)) > __builtin_fabs(product);
  const std::uint32_t cut = over ? magnitude - 1 : magnitude;
  return static_cast<double>(as_float(cut | (bits_of(rounded) & F32::sign)));
}

/// Into [-1/2, 1/2], exactly. Infinity becomes NaN.
[[gnu::always_inline]] inline double fraction_of_turns(double t) noexcept { return t - __builtin_rint(t); }

struct Sin {
  [[gnu::always_inline]] static std::uint32_t of(std::uint32_t a) noexcept {
    const double t = fraction_of_turns(turns_of(as_float(a)));
    const double size = __builtin_fabs(t);
    const double folded = size > 0.25 ? 0.5 - size : size;
    const std::uint32_t result = bits_of(static_cast<float>(sin_of_turns(t < 0 ? -folded : folded)));
    // Tiny arguments give zero. Where that begins is not known but for being below 2^-22.35.
    const bool tiny = static_cast<std::int32_t>(a & 0x7fffffff) < static_cast<std::int32_t>(0x34000000);  // 2^-23
    return canonical<F32>(tiny ? a & F32::sign : result);
  }
};

struct Cos {
  [[gnu::always_inline]] static std::uint32_t of(std::uint32_t a) noexcept {
    const double t = fraction_of_turns(turns_of(as_float(a)));
    return canonical<F32>(bits_of(static_cast<float>(sin_of_turns(0.25 - __builtin_fabs(t)))));
  }
};

struct Tanh {
  [[gnu::always_inline]] static std::uint32_t of(std::uint32_t a) noexcept {
    const std::uint32_t result = bits_of(static_cast<float>(tanh_of(static_cast<double>(as_float(a)))));
    const bool tiny = static_cast<std::int32_t>(a & 0x7fffffff) < static_cast<std::int32_t>(0x39800000);  // 2^-12
    return canonical<F32>(tiny ? a : result);
  }
};

struct ApproximateRcp {
  [[gnu::always_inline]] static std::uint32_t of(std::uint32_t a) noexcept {
    return canonical<F32>(bits_of(1.0f / as_float(a)));
  }
};

struct ApproximateSqrt {
  [[gnu::always_inline]] static std::uint32_t of(std::uint32_t a) noexcept {
    return canonical<F32>(bits_of(__builtin_sqrtf(as_float(a))));
  }
};

struct Rsqrt {
  [[gnu::always_inline]] static std::uint32_t of(std::uint32_t a) noexcept {
    const double wide = static_cast<double>(as_float(a));
    const std::uint32_t result = bits_of(static_cast<float>(1.0 / __builtin_sqrt(wide)));
    // Of an odd power of two it is one unit low. (An even exponent of 2 has an odd biased one.)
    const bool odd_power = (bits_of(wide) & 0x001fffffffffffff) == 0 && wide > 0;
    return canonical<F32>(odd_power ? result - 1 : result);
  }
};

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
