// SPDX-License-Identifier: MIT
#include "registration.hpp"
#include "text_conversion.hpp"

#include <cujitsu/compiled_code.hpp>

#include <pybind11/stl.h>

namespace cujitsu::python {
namespace {

void register_kernel_info(py::module_& module) {
  py::class_<KernelResources>(module, "KernelResources",
                              "What one kernel costs, read out of the machine code; all 0 where there is PTX alone.")
      .def_readonly("registers", &KernelResources::registers, "For each thread.")
      .def_readonly("shared_bytes", &KernelResources::shared_bytes, "Static shared memory of a block.")
      .def_readonly("local_bytes", &KernelResources::local_bytes, "Stack of a thread.")
      .def_readonly("constant_bytes", &KernelResources::constant_bytes,
                    "Constant bank 0: the parameters and what the compiler adds.")
      .def("__repr__", [](py::handle self) {
        return attributes_repr(self, {"registers", "shared_bytes", "local_bytes", "constant_bytes"});
      });

  py::class_<KernelInfo>(module, "KernelInfo", "One entry point of compiled code.")
      .def_property_readonly("name", text_member(&KernelInfo::name),
                             "As a person writes it: 'add', 'ns::scale<float>'.")
      .def_property_readonly("lowered_name", text_member(&KernelInfo::lowered_name),
                             "As the driver knows it: '_Z3addPfi'.")
      .def_readonly("signature", &KernelInfo::signature)
      .def_readonly("resources", &KernelInfo::resources)
      .def("__repr__", [](const KernelInfo& self) { return text("<KernelInfo " + self.signature.to_string() + ">"); });

  py::class_<HeaderFile>(module, "HeaderFile", "A header on disk that a compile read.")
      .def_property_readonly("path", text_member(&HeaderFile::path),
                             "As NVRTC opened it; a relative one counts from the current folder.")
      .def_readonly("bytes", &HeaderFile::bytes, "Size of its content.")
      .def_readonly("is_toolkit", &HeaderFile::is_toolkit, "Whether it is in one of the toolkit's own folders.")
      .def("__repr__", [](py::handle self) { return attributes_repr(self, {"path", "bytes", "is_toolkit"}); });

  py::class_<CompilerInfo>(module, "CompilerInfo", "Which compiler made the code.")
      .def_readonly("major", &CompilerInfo::major)
      .def_readonly("minor", &CompilerInfo::minor)
      .def_property_readonly("library", text_member(&CompilerInfo::library), "Path of the libnvrtc that compiled it.")
      .def_property_readonly("version", &CompilerInfo::version, "Such as '13.0'.")
      .def("__repr__", [](py::handle self) { return attributes_repr(self, {"version", "library"}); });
}

}  // namespace

void register_compiled_code(py::module_& module) {
  register_kernel_info(module);

  py::class_<CompiledCode>(module, "CompiledCode",
                           R"(What a compile gave, as a value; needs no device and no driver. Read only, for any thread.

SourceModule(code) loads it.)")
      .def_property_readonly("ptx", text_member(&CompiledCode::ptx),
                             "PTX; empty only for options that make none, such as -dlto.")
      .def_property_readonly(
          "cubin", [](const CompiledCode& self) { return py::bytes(self.cubin); },
          "Machine code; empty for a virtual architecture ('compute_80').")
      .def_property_readonly("log", text_member(&CompiledCode::log),
                             "NVRTC's log, warnings included, also on a cache hit.")
      .def_property_readonly("arch", text_member(&CompiledCode::arch), "Such as 'sm_90'.")
      .def_property_readonly("options", text_list_member(&CompiledCode::options),
                             "Every option that NVRTC was given, in order, cujitsu's own included.")
      .def_property_readonly(
          "kernels", [](const CompiledCode& self) { return self.kernels; }, "The entry points.")
      .def_property_readonly(
          "lowered_names", [](const CompiledCode& self) { return text_map(self.lowered_names); },
          "Name expression to lowered name.")
      .def_property_readonly(
          "globals", [](const CompiledCode& self) { return text_map(self.globals); },
          "Variable as a person writes it to lowered name.")
      .def_readonly("compiler", &CompiledCode::compiler)
      .def_readonly("seconds", &CompiledCode::seconds, "What NVRTC took; on a hit, what it took then.")
      .def_property_readonly(
          "cache_status", [](const CompiledCode& self) { return text(to_string(self.cache_status)); },
          "'hit', 'miss' or 'bypass'.")
      .def_property_readonly("cache_reason", text_member(&CompiledCode::cache_reason),
                             "One sentence: why a hit, a miss or a bypass.")
      .def_property_readonly("cache_key", text_member(&CompiledCode::cache_key),
                             "32 hexadecimal digits, or '' on a bypass.")
      .def_property_readonly("cache_nearest", text_member(&CompiledCode::cache_nearest),
                             "On a miss: the key of the stored compile that is most like this one, or ''.")
      .def_property_readonly("cache_changes", text_list_member(&CompiledCode::cache_changes),
                             "On a miss: what this compile has otherwise than that one: ['option -O1 added'].")
      .def_property_readonly(
          "headers", [](const CompiledCode& self) { return self.headers; },
          "The headers on disk that were read, in the order of their first use; [] on a bypass.")
      .def("diagnostics", &CompiledCode::diagnostics, "The log as data.")
      .def("__repr__", [](py::handle self) { return attributes_repr(self, {"arch", "kernels", "cache_status"}); });
}

}  // namespace cujitsu::python
