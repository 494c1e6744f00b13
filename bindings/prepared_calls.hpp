// SPDX-License-Identifier: MIT
// PyCUDA's prepare() and the calls that follow it.
#pragma once

#include "kernel_object.hpp"

#include <pybind11/pybind11.h>

namespace cujitsu::python {

/// `kernel` is the class, with whatever options it was made.
void register_prepared_calls(py::class_<KernelObject>& kernel);

}  // namespace cujitsu::python
