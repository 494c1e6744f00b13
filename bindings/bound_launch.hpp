// SPDX-License-Identifier: MIT
// A BoundLaunch that keeps its Python arguments alive.
#pragma once

#include "launch_settings.hpp"

#include <cujitsu/kernel.hpp>

#include <pybind11/pybind11.h>

#include <memory>
#include <vector>

namespace cujitsu::python {

/// What Python calls BoundLaunch. One thread at a time.
struct OwningBoundLaunch {
  Kernel kernel;
  BoundLaunch launch;
  LaunchSettings settings;
  std::vector<py::object> arguments;  ///< as given, for their device memory
};

[[nodiscard]] std::unique_ptr<OwningBoundLaunch> bind(const Kernel& kernel, LaunchSettings settings,
                                                      const py::args& values);

void register_bound_launch(py::module_& module);

}  // namespace cujitsu::python
