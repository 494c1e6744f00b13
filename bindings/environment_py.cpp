// SPDX-License-Identifier: MIT
#include "registration.hpp"
#include "text_conversion.hpp"

#include <cujitsu/environment.hpp>

#include <pybind11/stl.h>

namespace cujitsu::python {

void register_environment(py::module_& module) {
  py::class_<EnvironmentVariable>(module, "EnvironmentVariable", "One environment variable that cujitsu reads.")
      .def_readonly("name", &EnvironmentVariable::name, "Such as 'CUJITSU_CACHE_DIR'.")
      .def_readonly("values", &EnvironmentVariable::values, "What it may hold.")
      .def_readonly("standard", &EnvironmentVariable::standard, "What holds when it is not set.")
      .def_readonly("meaning", &EnvironmentVariable::meaning, "One sentence.")
      .def("__repr__", [](py::handle self) { return attributes_repr(self, {"name", "values", "standard"}); });

  module.def(
      "environment_variables",
      [] {
        const auto variables = environment_variables();
        return std::vector<EnvironmentVariable>(variables.begin(), variables.end());
      },
      "Every environment variable that cujitsu reads, in the order of docs/environment.md.");
}

}  // namespace cujitsu::python
