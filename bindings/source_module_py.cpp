// SPDX-License-Identifier: MIT
#include "annotations.hpp"
#include "compile_request.hpp"
#include "gil.hpp"
#include "kernel_object.hpp"
#include "keywords.hpp"
#include "launch_keywords.hpp"
#include "registration.hpp"
#include "text_conversion.hpp"

#include <cujitsu/errors.hpp>
#include <cujitsu/source_module.hpp>

#include <pybind11/stl.h>

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace cujitsu::python {
namespace {

/// A SourceModule, and whether its kernels compare the elements of arrays with what they point at.
struct ModuleObject : SourceModule {
  bool check_pointees = true;

  ModuleObject(SourceModule module, bool check) : SourceModule(std::move(module)), check_pointees(check) {}
};

bool take_check(const py::kwargs& keywords) {
  const auto given = py::reinterpret_borrow<py::object>(keyword(keywords, "check"));
  const bool check = flag_of("SourceModule", "check", given.ptr(), true);
  if (given) keywords.attr("pop")("check");
  return check;
}

std::unique_ptr<ModuleObject> make(const SourceText& source, const py::kwargs& keywords) {
  const bool check = take_check(keywords);
  if (py::isinstance<CompiledCode>(source)) {
    if (!keywords.empty()) {
      throw ArgumentError("SourceModule(): CompiledCode is compiled already and takes no keywords",
                          ArgumentError::Kind::type);
    }
    return std::make_unique<ModuleObject>(SourceModule(py::cast<CompiledCode>(source)), check);
  }
  const CompileRequest request = compile_request("SourceModule", source, keywords);
  const GilRelease release;
  return std::make_unique<ModuleObject>(SourceModule(request.source, request.options, request.cache), check);
}

std::string repr(const SourceModule& self) {
  std::string names;
  for (const auto& kernel : self.kernels()) names += (names.empty() ? "" : ", ") + kernel.name;
  return fmt::format("<SourceModule {}: {}>", self.code().arch, names.empty() ? "no kernels" : names);
}

}  // namespace

void register_source_module(py::module_& module) {
  py::class_<ModuleObject> source_module(module, "SourceModule", py::release_gil_before_calling_cpp_dtor(),
                                         R"(A CUDA C++ string, compiled and loaded, for every device. For any thread.

The constructor compiles, or finds the result in the cache, and needs no device; the code is loaded into the driver by
the first get_function, get_global or load. Kernels keep it alive.)");
  source_module
      .def(
          "get_function",
          [](const ModuleObject& self, const std::string& name) {
            auto kernel = [&] {
              const GilRelease release;
              return self.get_function(name);
            }();
            return std::make_unique<KernelObject>(std::move(kernel), self.check_pointees);
          },
          py::arg("name"),
          R"(A kernel by its plain name ('add', 'ns::add'), name expression ('scale<float>'), full signature
('add(float*, int)') or lowered name ('_Z3addPfi').

Raises ArgumentError when there is none (names the nearest) or more than one (names them all); LoadError without a
driver; DriverError when the driver refuses the code.)")
      .def(
          "get_global",
          [](const ModuleObject& self, const std::string& name) {
            const GilRelease release;
            return self.get_global(name);
          },
          py::arg("name"), py::keep_alive<0, 1>(),
          "A __device__ or __constant__ variable of the current device: `address, size = module.get_global('x')`.\n\n"
          "The DeviceSpan keeps the module alive. Raises as get_function.")
      .def_static(
          "compile_async",
          [](const SourceText& source, const py::kwargs& keywords) {
            return AsyncModule(py::module_::import("cujitsu.batch").attr("compile_async")(source, **keywords));
          },
          py::arg("source"),
          R"(Compiles in another thread: SourceModule.compile_async(source, **keywords) with SourceModule's keywords.

Returns a CompileFuture, which is a concurrent.futures.Future and can be awaited.)")
      .def_static(
          "from_ptx",
          [](const std::string& ptx, bool check) { return ModuleObject(SourceModule::from_ptx(ptx), check); },
          py::arg("ptx"), py::kw_only(), py::arg("check") = true,
          "PTX that some compiler made; the driver compiles it. Raises ArgumentError for text that is none.")
      .def_static(
          "from_cubin",
          [](const py::bytes& cubin, bool check) { return ModuleObject(SourceModule::from_cubin(cubin), check); },
          py::arg("cubin"), py::kw_only(), py::arg("check") = true,
          "Machine code that some compiler made, for a device that runs it.\n\n"
          "What its kernels take is known once they are got: the driver tells their sizes (CUDA 12.4), a mangled name "
          "the "
          "types. Raises ArgumentError for what is no ELF file.")
      .def(
          "load",
          [](const ModuleObject& self) {
            const GilRelease release;
            self.load();
          },
          "Loads the code into the driver now. Raises LoadError, DriverError.")
      .def_property_readonly(
          "code", [](const ModuleObject& self) -> const CompiledCode& { return self.code(); },
          py::return_value_policy::reference_internal, "Everything the compile gave, as CompiledCode.")
      .def_property_readonly(
          "ptx", [](const ModuleObject& self) { return text(self.ptx()); }, "PTX.")
      .def_property_readonly(
          "cubin", [](const ModuleObject& self) { return py::bytes(self.cubin()); },
          "Machine code; empty for a virtual architecture ('compute_80').")
      .def_property_readonly(
          "log", [](const ModuleObject& self) { return text(self.log()); },
          "NVRTC's log, warnings included, also on a cache hit.")
      .def_property_readonly(
          "kernels", [](const ModuleObject& self) { return self.kernels(); }, "The entry points.")
      .def_property_readonly(
          "options", [](const ModuleObject& self) { return text_list(self.code().options); },
          "Every option that NVRTC was given, in order, cujitsu's own included.")
      .def_property_readonly(
          "arch", [](const ModuleObject& self) { return text(self.code().arch); }, "Such as 'sm_90'.")
      .def_property_readonly(
          "cache_status", [](const ModuleObject& self) { return text(to_string(self.cache_status())); },
          "'hit', 'miss' or 'bypass'.")
      .def(
          "explain", [](const ModuleObject& self) { return text(self.explain()); },
          "One sentence: why this was a hit, a miss or a bypass.")
      .def("__repr__", [](const ModuleObject& self) { return text(repr(self)); });

  // The signature is written by hand: the keywords are checked in compile_request, which names an unknown one.
  py::options options;
  options.disable_function_signatures();
  source_module.def(py::init(&make), py::arg("source"),
                    "__init__(self: cujitsu._core.SourceModule, source: str | bytes | "
                    "cujitsu._core.CompiledCode, " CUJITSU_COMPILE_KEYWORDS R"(, check: bool = True) -> None

`options`: NVRTC's own, such as '--use_fast_math'; nothing is added to them but what `.options` lists. `include_dirs`:
folders for #include, searched before the toolkit's. `headers`: texts that #include finds by name, first of all.
`name_expressions`: template instances to make, such as 'scale<float>'. `arch`: 'sm_90', 'compute_80' (PTX alone), or
None for the current device's own (sm_80 where there is none). `name`: the program's name in diagnostics. `cache`: True
for the user's own cache, False to compile and store nothing, or a KernelCache. `check`: whether a launch compares the
elements of arrays with what the kernel's parameters point at.

Raises CompileError (the source or an option is refused), LoadError (no NVRTC), ArgumentError (an unknown architecture,
an argument of the wrong type, an unknown keyword). Other threads run while it compiles.)");
}

}  // namespace cujitsu::python
