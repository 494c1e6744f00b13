// SPDX-License-Identifier: MIT
// One registration function for each public header; module.cpp calls them in an order that bases and defaults need.
#pragma once

#include <pybind11/pybind11.h>

namespace cujitsu::python {

namespace py = pybind11;

void register_errors(py::module_& module);
void register_diagnostic(py::module_& module);
void register_environment(py::module_& module);
void register_libraries(py::module_& module);
void register_logging(py::module_& module);
void register_signature(py::module_& module);
void register_compile_options(py::module_& module);
void register_compiled_code(py::module_& module);
void register_cache_values(py::module_& module);
void register_kernel_cache(py::module_& module);
void register_compile(py::module_& module);
void register_compile_many(py::module_& module);
void register_compile_policy(py::module_& module);
void register_manifest(py::module_& module);
void register_stream(py::module_& module);
void register_event(py::module_& module);
void register_device(py::module_& module);
void register_device_buffer(py::module_& module);
void register_buffer_view(py::module_& module);
void register_host_buffer(py::module_& module);
void register_memory(py::module_& module);
void register_host_transfer(py::module_& module);
void register_launch_config(py::module_& module);
void register_kernel(py::module_& module);
void register_graph(py::module_& module);
void register_source_module(py::module_& module);

}  // namespace cujitsu::python
