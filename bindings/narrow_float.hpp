// SPDX-License-Identifier: MIT
// Rounding to the floating-point formats that C++ has no type for, and from integers wider than a double's 53 bits.
#pragma once

#include <cstdint>

namespace cujitsu::python {

/// The bits of the nearest number with ties to even; infinity beyond the largest, a quiet NaN for NaN.
[[nodiscard]] std::uint16_t to_half(double value) noexcept;
[[nodiscard]] std::uint16_t to_bfloat16(double value) noexcept;

/// A double that rounds to any narrower format as the integer itself does: where it is inexact, its last bit is one.
[[nodiscard]] double to_narrowable_double(bool negative, std::uint64_t magnitude) noexcept;

}  // namespace cujitsu::python
