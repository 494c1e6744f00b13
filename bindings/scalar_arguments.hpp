// SPDX-License-Identifier: MIT
// Numbers and structs as the bytes of a by-value kernel parameter.
#pragma once

#include <cujitsu/handles.hpp>
#include <cujitsu/signature.hpp>

#include <pybind11/pybind11.h>

#include <cstddef>
#include <string>

namespace cujitsu::python {

namespace py = pybind11;

/// Writes `value` as C would convert it: parameter.size bytes at `destination`. `place` begins the ArgumentError of a
/// value that does not fit: "add(): argument 2 of 4 (int)".
void convert_scalar(const std::string& place, const ParameterType& parameter, py::handle value, std::byte* destination);

/// Whether None and device memory may be given: a pointer, or 8 bytes of which PTX tells no more than the size.
[[nodiscard]] bool takes_pointer(const ParameterType& parameter) noexcept;

/// An array of elements in host memory, numpy's or another's; not a scalar, a string of bytes or a struct.
[[nodiscard]] bool is_host_array(py::handle value);

}  // namespace cujitsu::python
