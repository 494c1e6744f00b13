// SPDX-License-Identifier: MIT
// The number in a Python object: a plain one, numpy's, ctypes' or an extension's.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <optional>

namespace cujitsu::python {

namespace py = pybind11;

[[nodiscard]] bool has_dtype(py::handle value);
/// A numpy scalar or an array of no dimensions, records included.
[[nodiscard]] bool is_numpy_scalar(py::handle value);
/// ctypes.c_int(5) and its like.
[[nodiscard]] bool is_ctypes_number(py::handle value);

/// The Python number in a numpy scalar, a 0-d array or a ctypes number; other values as they are.
[[nodiscard]] py::object plain_value(py::handle value);

/// An integer of at most 64 bits without its sign, or one too large for that.
struct Magnitude {
  bool negative = false;
  std::uint64_t value = 0;
};
[[nodiscard]] std::optional<Magnitude> magnitude(const py::object& integer);

}  // namespace cujitsu::python
