// SPDX-License-Identifier: MIT
// One launch of a kernel with Python's arguments.
#pragma once

#include "kernel_object.hpp"
#include "launch_keywords.hpp"

#include <pybind11/pybind11.h>

#include <cstddef>

namespace cujitsu::python {

/// What a launch takes besides its configuration and its arguments.
struct LaunchOptions {
  bool check_pointees = true;
  bool time_kernel = false;
};

[[nodiscard]] LaunchOptions options_of(const KernelObject& kernel, const LaunchKeywords& keywords);

/// Converts, launches with the GIL released, and copies In, Out and InOut. Returns a new reference: None, or with
/// time_kernel the seconds that the kernel took, by two events. Throws what the conversion and Kernel::launch throw.
[[nodiscard]] PyObject* launch(const KernelObject& kernel, const LaunchConfig& config, const LaunchOptions& options,
                               PyObject* const* values, std::size_t count);

}  // namespace cujitsu::python
