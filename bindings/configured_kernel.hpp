// SPDX-License-Identifier: MIT
// kernel[grid, block]
#pragma once

#include "kernel_object.hpp"
#include "launch_settings.hpp"

#include <pybind11/pybind11.h>

namespace cujitsu::python {

/// Calling it launches. Keeps the stream alive.
struct ConfiguredKernel {
  KernelObject kernel;
  LaunchSettings settings;
};

/// kernel[subscript] as a new reference; nullptr with an exception set. Remembers the last one of each kernel: with the
/// same objects for grid and block it is given out again.
[[nodiscard]] PyObject* configured_kernel(PyObject* kernel, PyObject* subscript) noexcept;

void register_configured_kernel(py::module_& module);

}  // namespace cujitsu::python
