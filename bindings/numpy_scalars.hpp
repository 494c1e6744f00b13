// SPDX-License-Identifier: MIT
// numpy's scalars without a call into numpy: for the launch path.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>

namespace cujitsu::python {

/// A number in a numpy scalar.
struct NumpyScalar {
  enum class Kind : std::uint8_t { none, integer, real };
  Kind kind = Kind::none;
  std::int64_t integer = 0;
  double real = 0;
};

/// Of numpy.int8 … int64, uint8 … uint32, bool, float32 and float64, no classes derived from them; `none` for all else
/// (uint64 too, whose values do not all fit). Their layout is part of numpy's C interface (numpy/arrayscalars.h).
[[nodiscard]] NumpyScalar numpy_scalar(PyObject* object) noexcept;

}  // namespace cujitsu::python
