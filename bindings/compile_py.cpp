// SPDX-License-Identifier: MIT
#include "annotations.hpp"
#include "compile_request.hpp"
#include "gil.hpp"
#include "registration.hpp"
#include "text_conversion.hpp"

#include <cujitsu/compile.hpp>

namespace cujitsu::python {

void register_compile(py::module_& module) {
  py::class_<Explanation>(module, "Explanation", "What the cache would do with a compile. Read only.")
      .def_property_readonly(
          "status", [](const Explanation& self) { return text(to_string(self.status)); }, "'hit', 'miss' or 'bypass'.")
      .def_property_readonly("reason", text_member(&Explanation::reason), "One sentence.")
      .def_property_readonly("key", text_member(&Explanation::key),
                             "Of the entry that answers, or that would be stored; '' on a bypass.")
      .def_property_readonly("nearest", text_member(&Explanation::nearest),
                             "On a miss: the key of the stored compile that is most like this one, or ''.")
      .def_property_readonly("changes", text_list_member(&Explanation::changes),
                             "On a miss: what this compile has otherwise than that one.")
      .def("__repr__", [](py::handle self) { return attributes_repr(self, {"status", "reason"}); });

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

  module.def(
      "explain",
      [](const SourceText& source, const py::kwargs& keywords) {
        const CompileRequest request = compile_request("explain", source, keywords);
        const GilRelease release;
        return explain(request.source, request.options, request.cache);
      },
      py::arg("source"), "explain(source: str | bytes, " CUJITSU_COMPILE_KEYWORDS R"() -> cujitsu._core.Explanation

Tells what compile() with the same arguments would find in the cache; compiles, stores and counts nothing.

Raises ArgumentError as compile() does; LoadError only where there is no NVRTC and nothing stored to do without.)");
}

}  // namespace cujitsu::python
