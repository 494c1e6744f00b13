// SPDX-License-Identifier: MIT
// Python functions that a stream calls.
#pragma once

#include <cujitsu/stream.hpp>

#include <pybind11/pybind11.h>

namespace cujitsu::python {

namespace py = pybind11;

/// Stream.add_callback. Called with the GIL held, which it releases around the driver call.
void add_callback(const Stream& stream, const py::object& function, const py::args& arguments);

}  // namespace cujitsu::python
