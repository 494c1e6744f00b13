// SPDX-License-Identifier: MIT
// Numbers, vectors and structs as the bytes of a by-value kernel parameter.
#pragma once

#include "argument_place.hpp"

#include <cujitsu/element_type.hpp>
#include <cujitsu/signature.hpp>

#include <pybind11/pybind11.h>

#include <cstddef>

namespace cujitsu::python {

namespace py = pybind11;

/// Writes `value` as C would convert it to a parameter of that element type: the parameter's size at `destination`, which
/// is aligned for nothing. The rules are docs/arguments.md's. Throws ArgumentError for a value that does not fit.
void convert_value(const ArgumentPlace& place, const ElementType& element, py::handle value, std::byte* destination);

/// An integer as an address. Throws ArgumentError for anything else.
void convert_address(const ArgumentPlace& place, py::handle value, std::byte* destination);

/// An array of elements in host memory, numpy's or another's; not a scalar, a string of bytes or a struct.
[[nodiscard]] bool is_host_array(py::handle value);

}  // namespace cujitsu::python
