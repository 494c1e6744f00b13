// SPDX-License-Identifier: MIT
// Floating-point formats as bit patterns: NaN, zero, saturation. For files that are built once for each instruction set.
#pragma once

#include "softgpu/engine/ops/lanes.hpp"
#include "softgpu/engine/ops/table.hpp"

#include <cstdint>

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {

[[gnu::always_inline]] inline float as_float(std::uint32_t bits) noexcept { return __builtin_bit_cast(float, bits); }
[[gnu::always_inline]] inline double as_double(std::uint64_t bits) noexcept { return __builtin_bit_cast(double, bits); }
[[gnu::always_inline]] inline std::uint32_t bits_of(float value) noexcept {
  return __builtin_bit_cast(std::uint32_t, value);
}
[[gnu::always_inline]] inline std::uint64_t bits_of(double value) noexcept {
  return __builtin_bit_cast(std::uint64_t, value);
}

// Each format names the type that holds its bits (also the type of a slot's lane) and that of its arithmetic. `Signed`
// comparisons are used for magnitudes, because vector units before AVX-512 have no unsigned ones.
struct F32 {
  using Bits = std::uint32_t;
  using Signed = std::int32_t;
  using Real = float;
  static constexpr Bits sign = 0x80000000, infinity = 0x7f800000, canonical = 0x7fffffff, least_normal = 0x00800000,
                        one = 0x3f800000;
  [[gnu::always_inline]] static Real real(Bits bits) noexcept { return as_float(bits); }
};

struct F64 {
  using Bits = std::uint64_t;
  using Signed = std::int64_t;
  using Real = double;
  static constexpr Bits sign = 0x8000000000000000, infinity = 0x7ff0000000000000, quiet = 0x0008000000000000,
                        invalid = 0xfff8000000000000, least_normal = 0x0010000000000000, one = 0x3ff0000000000000;
  [[gnu::always_inline]] static Real real(Bits bits) noexcept { return as_double(bits); }
};

// The 16-bit formats live in the low half of a 32-bit lane.
struct F16 {
  using Bits = std::uint32_t;
  using Signed = std::int32_t;
  using Real = float;
  static constexpr Bits sign = 0x8000, infinity = 0x7c00, canonical = 0x7fff, least_normal = 0x0400, one = 0x3c00;
  static constexpr unsigned mantissa_bits = 10;
  static constexpr unsigned least_exponent = 1023 - 14;  // of a normal number, as f64 counts
  static constexpr Bits largest = 0x7bff;
  [[gnu::always_inline]] static Real real(Bits bits) noexcept {
    const Bits magnitude = bits & 0x7fff;
    const float tiny = static_cast<float>(static_cast<std::int32_t>(magnitude)) * 0x1p-24f;
    const Bits rebias = static_cast<Signed>(magnitude) >= static_cast<Signed>(infinity) ? 0x70000000u : 0x38000000u;
    const Bits normal = (magnitude << 13) + rebias;
    const Bits value = static_cast<Signed>(magnitude) < static_cast<Signed>(least_normal) ? bits_of(tiny) : normal;
    return as_float(value | (bits & sign) << 16);
  }
};

struct BF16 {
  using Bits = std::uint32_t;
  using Signed = std::int32_t;
  using Real = float;
  static constexpr Bits sign = 0x8000, infinity = 0x7f80, canonical = 0x7fff, least_normal = 0x0080, one = 0x3f80;
  static constexpr unsigned mantissa_bits = 7;
  static constexpr unsigned least_exponent = 1023 - 126;
  static constexpr Bits largest = 0x7f7f;
  [[gnu::always_inline]] static Real real(Bits bits) noexcept { return as_float(bits << 16); }
};

template <class F>
[[gnu::always_inline]] inline typename F::Bits magnitude_of(typename F::Bits bits) noexcept {
  return bits & static_cast<typename F::Bits>(F::sign - 1);
}

template <class F>
[[gnu::always_inline]] inline bool is_nan(typename F::Bits bits) noexcept {
  using Signed = typename F::Signed;
  return static_cast<Signed>(magnitude_of<F>(bits)) > static_cast<Signed>(F::infinity);
}

/// A subnormal number becomes the zero of its sign.
template <class F>
[[gnu::always_inline]] inline typename F::Bits flushed(typename F::Bits bits) noexcept {
  using Signed = typename F::Signed;
  return static_cast<Signed>(magnitude_of<F>(bits)) < static_cast<Signed>(F::least_normal) ? bits & F::sign : bits;
}

/// What leaves an operation: one NaN only; in f64, where NaNs are operands handed on, made quiet.
template <class F>
[[gnu::always_inline]] inline typename F::Bits canonical(typename F::Bits bits) noexcept {
  return is_nan<F>(bits) ? F::canonical : bits;
}
template <>
[[gnu::always_inline]] inline F64::Bits canonical<F64>(F64::Bits bits) noexcept {
  return is_nan<F64>(bits) ? bits | F64::quiet : bits;
}

/// .sat: into [0, 1]; NaN and -0 become +0.
template <class F>
[[gnu::always_inline]] inline typename F::Bits saturated(typename F::Bits bits) noexcept {
  using Signed = typename F::Signed;
  const auto below = static_cast<Signed>(bits) > static_cast<Signed>(F::one) ? F::one : bits;
  const bool nothing = (bits & F::sign) != 0 || static_cast<Signed>(bits) > static_cast<Signed>(F::infinity);
  return nothing ? 0 : below;
}

/// .relu: negative numbers and -0 become +0, NaN stays (it is canonical by then, so never negative).
template <class F>
[[gnu::always_inline]] inline typename F::Bits relu(typename F::Bits bits) noexcept {
  return (bits & F::sign) != 0 ? 0 : bits;
}

/// One bit pattern after the other NaN rule of f64: the first NaN of those given, quiet; without one `result`, whose own
/// NaN (an invalid operation's) is the negative one.
[[gnu::always_inline]] inline std::uint64_t with_nan(double result, std::uint64_t first,
                                                     std::uint64_t second) noexcept {
  const std::uint64_t own = result != result ? F64::invalid : bits_of(result);
  const std::uint64_t other = is_nan<F64>(second) ? second | F64::quiet : own;
  return is_nan<F64>(first) ? first | F64::quiet : other;
}

/// `Op::run<Masked>` as a table's element.
template <class Op>
inline constexpr HandlerPair handlers_of = {&Op::template run<false>, &Op::template run<true>};

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
