// SPDX-License-Identifier: MIT
#include "registration.hpp"
#include "text_conversion.hpp"

#include <cujitsu/compile_options.hpp>

namespace cujitsu::python {

void register_compile_options(py::module_& module) {
  py::class_<CompileOptions>(module, "CompileOptions",
                             R"(What a stored compile was asked for, as CacheEntry.options. Read only.

compile() and SourceModule take the same names as keywords.)")
      .def_property_readonly("options", text_list_member(&CompileOptions::options), "NVRTC's own options.")
      .def_property_readonly("include_dirs", text_list_member(&CompileOptions::include_dirs), "Folders for #include.")
      .def_property_readonly(
          "headers",
          [](const CompileOptions& self) {
            py::dict headers;
            for (const auto& header : self.headers) headers[text(header.name)] = text(header.text);
            return StringMap(std::move(headers));
          },
          "Headers in memory: name and text.")
      .def_property_readonly("name_expressions", text_list_member(&CompileOptions::name_expressions),
                             "Template instances that were asked for.")
      .def_property_readonly("arch", text_member(&CompileOptions::arch), "Such as 'sm_90'.")
      .def_property_readonly("name", text_member(&CompileOptions::name), "The program's name in diagnostics.")
      .def_readonly("hermetic", &CompileOptions::hermetic,
                    "Whether NVRTC was given the very bytes of the headers that the key has.")
      .def_property_readonly(
          "pch", [](const CompileOptions& self) { return text(self.pch == Pch::off ? "off" : "auto"); },
          "'auto' when headers were to be precompiled; that is no part of the key, and so 'off' for a stored compile.")
      .def("__repr__", [](py::handle self) {
        return attributes_repr(self, {"options", "include_dirs", "name_expressions", "arch", "name"});
      });
}

}  // namespace cujitsu::python
