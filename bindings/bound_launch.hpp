// SPDX-License-Identifier: MIT
// A BoundLaunch that keeps its Python arguments alive.
#pragma once

#include "device_memory.hpp"
#include "kernel_object.hpp"
#include "launch_settings.hpp"

#include <cujitsu/kernel.hpp>

#include <pybind11/pybind11.h>

#include <cstddef>
#include <memory>
#include <vector>

namespace cujitsu::python {

/// What Python calls BoundLaunch. One thread at a time.
struct OwningBoundLaunch {
  KernelObject kernel;
  BoundLaunch launch;
  LaunchSettings settings;
  bool check_pointees;
  std::vector<py::object> arguments;         ///< as given, for their device memory
  std::vector<std::shared_ptr<void>> loans;  ///< of DLPack, one for each argument; most are empty
};

/// `values` and `names` are those of a vectorcall, without the kernel.
[[nodiscard]] std::unique_ptr<OwningBoundLaunch> bind(const KernelObject& kernel, PyObject* const* values,
                                                      std::size_t count, PyObject* names);

void register_bound_launch(py::module_& module);

}  // namespace cujitsu::python
