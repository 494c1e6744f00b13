// SPDX-License-Identifier: MIT
// The extension module cujitsu._core: the Python face of the public headers.
#include "bound_launch.hpp"
#include "configured_kernel.hpp"
#include "gil.hpp"
#include "launch_keywords.hpp"
#include "python_call.hpp"
#include "registration.hpp"

#include "cli/cli.hpp"
#include "driver/driver.hpp"
#include "module/compile_pool.hpp"

#include <cujitsu/version.hpp>

#include <pybind11/stl.h>

#include <iostream>
#include <string>
#include <vector>

namespace cujitsu::python {
namespace {

// On the process's own stdout and stderr, so that the command knows a terminal when it sees one.
int cli_main(const std::vector<std::string>& arguments) {
  const GilRelease release;
  return cli::run(arguments, std::cout, std::cerr);
}

// Objects that live until the interpreter is torn down are destroyed after this, and then leave the driver alone: it may
// have shut down already, and the process gives its memory back anyway.
void register_exit_handler() {
  py::module_::import("atexit").attr("register")(py::cpp_function([] {
    {
      const GilRelease release;  // threads that compile tell Python how that ended
      CompilePool::stop();
    }
    stop_python_calls();
    GilRelease::set_finalizing_thread();
    driver::set_exiting();
  }));
}

}  // namespace
}  // namespace cujitsu::python

PYBIND11_MODULE(_core, module, pybind11::mod_gil_not_used()) {
  using namespace cujitsu::python;
  module.doc() = "The compiled part of cujitsu; import cujitsu instead.";
  module.attr("__version__") = cujitsu::version;

  register_errors(module);
  register_diagnostic(module);
  register_environment(module);
  register_libraries(module);
  register_logging(module);
  register_signature(module);
  register_compile_options(module);
  register_compiled_code(module);
  register_kernel_cache(module);
  register_compile(module);
  register_compile_many(module);
  register_compile_policy(module);
  register_manifest(module);
  register_stream(module);
  register_event(module);
  register_device(module);
  register_buffer_view(module);
  register_device_buffer(module);
  register_host_buffer(module);
  register_memory(module);
  register_host_transfer(module);
  register_launch_config(module);
  prepare_launch_keywords();
  register_bound_launch(module);
  register_configured_kernel(module);
  register_kernel(module);
  register_graph(module);
  register_source_module(module);

  module.def("cli_main", &cli_main, py::arg("arguments"),
             "Runs the `cujitsu` command on the process's stdin, stdout and stderr; returns the exit code.");
  register_exit_handler();
}
