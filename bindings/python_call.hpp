// SPDX-License-Identifier: MIT
// Python functions that threads of the driver and of the library call.
#pragma once

#include <pybind11/pybind11.h>

#include <functional>

namespace cujitsu::python {

namespace py = pybind11;

/// Calls `function` with `arguments`, from any thread, taking the GIL; what it raises is written as unraisable. It may be
/// destroyed in any thread. Made with the GIL held.
[[nodiscard]] std::function<void()> python_call(const py::object& function, const py::args& arguments);

/// From now on such calls do nothing; waits for those that run. For the interpreter's exit, with the GIL held.
void stop_python_calls();

}  // namespace cujitsu::python
