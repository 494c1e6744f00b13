// SPDX-License-Identifier: MIT
#include "annotations.hpp"
#include "compile_request.hpp"
#include "gil.hpp"
#include "registration.hpp"

#include <cujitsu/compile.hpp>

namespace cujitsu::python {

void register_compile(py::module_& module) {
  // The signature is written by hand: the keywords are checked in compile_request, which names an unknown one.
  py::options options;
  options.disable_function_signatures();
  module.def(
      "compile",
      [](const SourceText& source, const py::kwargs& keywords) {
        const CompileRequest request = compile_request("compile", source, keywords);
        const GilRelease release;
        return compile(request.source, request.options, request.cache);
      },
      py::arg("source"), "compile(source: str | bytes, " CUJITSU_COMPILE_KEYWORDS R"() -> cujitsu._core.CompiledCode

Compiles CUDA C++, or takes the result from the cache. Needs no device; other threads run meanwhile.

The keywords are those of SourceModule. Raises CompileError (the source or an option is refused), LoadError (no NVRTC)
and ArgumentError (an unknown architecture, an empty header name, an argument of the wrong type).)");
}

}  // namespace cujitsu::python
