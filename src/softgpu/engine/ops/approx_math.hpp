// SPDX-License-Identifier: MIT
// Elementary functions in double precision, good to about 2^-45, of which approximations are rounded. For files that are
// built once for each instruction set; in the default rounding mode.
#pragma once

#include "softgpu/engine/ops/float_bits.hpp"

#include <cstdint>

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {

/// The nearest whole number of a value below 2^51, and the same as an integer modulo 2^32.
struct Whole {
  double value;
  std::int64_t integer;
};
[[gnu::always_inline]] inline Whole whole_of(double x) noexcept {
  const double magic = 0x1.8p52;
  const double shifted = x + magic;
  return {shifted - magic, static_cast<std::int64_t>(bits_of(shifted) - bits_of(magic))};
}

/// 2^x; infinity and 0 past the range of float.
[[gnu::always_inline]] inline double exp2_of(double x) noexcept {
  const double low = x < -400.0 ? -400.0 : x;
  const double limited = low > 400.0 ? 400.0 : low;
  const Whole whole = whole_of(limited);
  const double f = (limited - whole.value) * 0.693147180559945309417;  // 2^f = e^(f ln 2): the series of e^y
  double r = 1.0 / 39916800;
  r = r * f + 1.0 / 3628800;
  r = r * f + 1.0 / 362880;
  r = r * f + 1.0 / 40320;
  r = r * f + 1.0 / 5040;
  r = r * f + 1.0 / 720;
  r = r * f + 1.0 / 120;
  r = r * f + 1.0 / 24;
  r = r * f + 1.0 / 6;
  r = r * f + 0.5;
  r = r * f + 1.0;
  r = r * f + 1.0;
  const double result = as_double(bits_of(r) + (static_cast<std::uint64_t>(whole.integer) << 52));
  return x != x ? x : result;
}

/// The binary logarithm of a positive finite number.
[[gnu::always_inline]] inline double log2_of(double x) noexcept {
  // x = 2^k m with m in [sqrt(1/2), sqrt(2)): so log2(m) is small where x is near 1, and keeps its relative accuracy.
  const std::uint64_t root = 0x3fe6a09e667f3bcd;
  const std::uint64_t offset = bits_of(x) - root;
  // The exponent as a double, by a number whose last bits are those of an integer: vector units before AVX-512 convert
  // no 64-bit integers.
  const std::uint64_t biased = (offset >> 52) ^ 0x800;  // 12 bits, two's complement made unsigned
  const double k = as_double(0x4330000000000000 | biased) - (0x1p52 + 2048.0);
  const double m = as_double((offset & 0x000fffffffffffff) + root);
  const double s = (m - 1.0) / (m + 1.0);
  const double q = s * s;
  double r = 1.0 / 19;
  r = r * q + 1.0 / 17;
  r = r * q + 1.0 / 15;
  r = r * q + 1.0 / 13;
  r = r * q + 1.0 / 11;
  r = r * q + 1.0 / 9;
  r = r * q + 1.0 / 7;
  r = r * q + 1.0 / 5;
  r = r * q + 1.0 / 3;
  r = r * q + 1.0;
  return k + s * r * 2.88539008177792681472;  // 2 / ln 2
}

/// sin(2 pi t) for t in [-1/4, 1/4].
[[gnu::always_inline]] inline double sin_of_turns(double t) noexcept {
  const double y = t * 6.28318530717958647693;
  const double q = y * y;
  double r = -1.0 / 121645100408832000.0;
  r = r * q + 1.0 / 355687428096000.0;
  r = r * q - 1.0 / 1307674368000.0;
  r = r * q + 1.0 / 6227020800.0;
  r = r * q - 1.0 / 39916800.0;
  r = r * q + 1.0 / 362880.0;
  r = r * q - 1.0 / 5040.0;
  r = r * q + 1.0 / 120.0;
  r = r * q - 1.0 / 6.0;
  r = r * q + 1.0;
  return y * r;
}

[[gnu::always_inline]] inline double tanh_of(double x) noexcept {
  const double e = exp2_of(x * 2.88539008177792681472);
  const double result = e > 0x1p100 ? 1.0 : (e - 1.0) / (e + 1.0);
  return x != x ? x : result;
}

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
