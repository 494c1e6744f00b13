// SPDX-License-Identifier: MIT
#include "narrow_float.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace cujitsu::python {
namespace {

struct Format {
  int fraction_bits;
  int least_exponent;  // of a normal number
  std::uint16_t infinity;
};

std::uint16_t narrow(double value, const Format& format) noexcept {
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
  if (std::isnan(value)) return static_cast<std::uint16_t>(sign | format.infinity | (1 << (format.fraction_bits - 1)));
  if (std::isinf(value)) return static_cast<std::uint16_t>(sign | format.infinity);
  if (value == 0) return sign;
  int exponent = 0;
  std::frexp(value, &exponent);
  const int scale = std::max(exponent - 1, format.least_exponent);
  // In units of the last place; below the normal numbers these are a subnormal's.
  const auto units =
      static_cast<std::uint32_t>(std::nearbyint(std::ldexp(std::fabs(value), format.fraction_bits - scale)));
  const auto binades = static_cast<std::uint32_t>(std::min(scale - format.least_exponent, 1 << 10));
  const auto bits = (binades << format.fraction_bits) + units;
  return static_cast<std::uint16_t>(sign | std::min<std::uint32_t>(bits, format.infinity));
}

}  // namespace

std::uint16_t to_half(double value) noexcept { return narrow(value, {10, -14, 0x7c00}); }

std::uint16_t to_bfloat16(double value) noexcept { return narrow(value, {7, -126, 0x7f80}); }

double to_narrowable_double(bool negative, std::uint64_t magnitude) noexcept {
  const int surplus = std::max(0, static_cast<int>(std::bit_width(magnitude)) - 53);
  auto kept = magnitude >> surplus;
  if (kept << surplus != magnitude) kept |= 1;
  const double value = std::ldexp(static_cast<double>(kept), surplus);
  return negative ? -value : value;
}

}  // namespace cujitsu::python
