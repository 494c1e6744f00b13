// SPDX-License-Identifier: MIT
// A LaunchConfig as Python has it.
#pragma once

#include <cujitsu/launch_config.hpp>

#include <pybind11/pybind11.h>

#include <string>

namespace cujitsu::python {

namespace py = pybind11;

/// The configuration, and the Python object whose stream it names: that stream must not be destroyed before the launch.
struct LaunchSettings {
  LaunchConfig config;
  py::object stream = py::none();
};

/// From Numba's kernel[grid, block], [grid, block, stream] or [grid, block, stream, shared], or from a LaunchConfig.
[[nodiscard]] LaunchSettings settings_from_subscript(const std::string& function, py::handle subscript);

[[nodiscard]] std::string to_string(const LaunchSettings& settings);

}  // namespace cujitsu::python
