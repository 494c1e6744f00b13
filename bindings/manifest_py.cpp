// SPDX-License-Identifier: MIT
// Recording, manifests and precompiling.
#include "annotations.hpp"
#include "gil.hpp"
#include "registration.hpp"
#include "text_conversion.hpp"

#include <cujitsu/errors.hpp>
#include <cujitsu/manifest.hpp>
#include <cujitsu/precompile.hpp>

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cujitsu::python {
namespace {

using FileName = Annotated<"str | os.PathLike[str]">;
using ManifestSource = Annotated<
    "str | os.PathLike[str] | cujitsu._core.Manifest | collections.abc.Sequence[cujitsu._core.RecordedCompile]">;
using CacheChoice = Annotated<"bool | cujitsu._core.KernelCache">;
using Progress = Annotated<"collections.abc.Callable[[cujitsu._core.PrecompileStep], object] | None">;

std::filesystem::path path_of(py::handle value, const char* what) {
  try {
    return py::cast<std::filesystem::path>(value);
  } catch (const py::cast_error&) {
    throw ArgumentError(fmt::format("{} must be a path, not {}", what, describe(value)), ArgumentError::Kind::type);
  }
}

std::string outcome_name(PrecompileOutcome outcome) {
  switch (outcome) {
    case PrecompileOutcome::compiled: return "compiled";
    case PrecompileOutcome::present: return "present";
    case PrecompileOutcome::failed: break;
  }
  return "failed";
}

std::vector<RecordedCompile> compiles_of(py::handle source) {
  if (py::isinstance<Manifest>(source)) return py::cast<const Manifest&>(source).compiles;
  if (PyUnicode_Check(source.ptr()) || py::hasattr(source, "__fspath__")) {
    auto manifest = read_manifest(path_of(source, "manifest"));
    if (!manifest.problems.empty())
      throw ArgumentError(fmt::format("{} lines of the manifest are no compile; the first: {}",
                                      manifest.problems.size(), manifest.problems.front()));
    return std::move(manifest.compiles);
  }
  try {
    return py::cast<std::vector<RecordedCompile>>(source);
  } catch (const py::cast_error&) {
    throw ArgumentError(
        fmt::format("precompile(): manifest must be a path, a Manifest or a list of RecordedCompile, not {}",
                    describe(source)),
        ArgumentError::Kind::type);
  }
}

KernelCache* cache_of(py::handle value) {
  if (value.ptr() == Py_True) return &KernelCache::standard();
  if (py::isinstance<KernelCache>(value)) return py::cast<KernelCache*>(value);
  throw ArgumentError(fmt::format("precompile(): cache must be True or a KernelCache, not {}", describe(value)),
                      ArgumentError::Kind::type);
}

PrecompileResult precompile_from_python(const ManifestSource& manifest, std::vector<std::string> archs,
                                        const CacheChoice& cache, unsigned jobs, const Progress& progress) {
  const auto compiles = compiles_of(manifest);
  py::module_::import("cujitsu.workers").attr("use_this_interpreter")();
  PrecompileOptions options;
  options.archs = std::move(archs);
  options.cache = cache_of(cache);
  options.jobs = jobs;
  options.progress = [&](const PrecompileStep& step) {
    const py::gil_scoped_acquire acquire;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();  // Ctrl-C
    if (!progress.is_none()) progress(step);
  };
  const GilRelease release;
  return precompile(compiles, options);
}

void register_recording(py::module_& module) {
  py::class_<RecordedCompile>(module, "RecordedCompile", "One compile as a program asked for it. Read only.")
      .def_property_readonly("source", text_member(&RecordedCompile::source), "CUDA C++.")
      .def_readonly("options", &RecordedCompile::options, "`arch` is '' where the program left it to the device.")
      .def("__repr__", [](py::handle self) { return attributes_repr(self, {"options"}); });

  py::class_<Manifest>(module, "Manifest", "The programs that a run used. Read only.")
      .def_readonly("compiles", &Manifest::compiles, "Each once, in the order of the file.")
      .def_property_readonly("problems", text_list_member(&Manifest::problems),
                             "One sentence for each line that is no compile.")
      .def("__repr__", [](const Manifest& self) {
        return fmt::format("Manifest({} compiles, {} problems)", self.compiles.size(), self.problems.size());
      });

  module.def(
      "read_manifest",
      [](const FileName& file) {
        const auto path = path_of(file, "file");
        const GilRelease release;
        return read_manifest(path);
      },
      py::arg("file"), "Reads what CUJITSU_RECORD or record() wrote. Raises ArgumentError.");

  py::class_<Recording>(module, "Recording",
                        R"(While it lives, every compile of this process that succeeds is added to a manifest.

Hits, misses and bypasses alike, each distinct one once, besides the manifest of CUJITSU_RECORD. Several recordings,
threads and processes may write one file. As a context manager it ends with the block.)")
      .def(py::init([](const FileName& file) { return std::make_unique<Recording>(path_of(file, "file")); }),
           py::arg("file"), "A relative `file` counts from the current folder now.")
      .def("stop", &Recording::stop, py::call_guard<GilRelease>(), "Ends it; may be called again.")
      .def_property_readonly("file", &Recording::file, "Absolute.")
      .def_property_readonly("count", &Recording::count, "How many distinct compiles it has seen.")
      .def("__enter__", [](py::object self) { return Annotated<"cujitsu._core.Recording">(std::move(self)); })
      .def("__exit__",
           [](Recording& self, const py::args&) {
             const GilRelease release;
             self.stop();
           })
      .def("__repr__", [](py::handle self) { return attributes_repr(self, {"file", "count"}); });

  module.def(
      "record", [](const FileName& file) { return std::make_unique<Recording>(path_of(file, "file")); },
      py::arg("file"), "Recording(file), for `with cujitsu.record('kernels.jsonl'):`.");
}

void register_precompiling(py::module_& module) {
  py::class_<PrecompileStep>(module, "PrecompileStep", "One program for one device. Read only.")
      .def_readonly("number", &PrecompileStep::number, "From 1, in the order in which they end.")
      .def_readonly("count", &PrecompileStep::count, "Of all steps.")
      .def_property_readonly("name", text_member(&PrecompileStep::name), "The program's.")
      .def_property_readonly("arch", text_member(&PrecompileStep::arch), "What it was compiled for.")
      .def_property_readonly(
          "outcome", [](const PrecompileStep& self) { return outcome_name(self.outcome); },
          "'compiled', 'present' or 'failed'.")
      .def_readonly("seconds", &PrecompileStep::seconds, "What NVRTC took, where it was compiled.")
      .def_property_readonly("message", text_member(&PrecompileStep::message), "What went wrong.")
      .def("__repr__", [](py::handle self) { return attributes_repr(self, {"name", "arch", "outcome", "message"}); });

  py::class_<PrecompileResult>(module, "PrecompileResult", "What precompile() did. Read only.")
      .def_readonly("compiled", &PrecompileResult::compiled)
      .def_readonly("present", &PrecompileResult::present, "They were there already.")
      .def_readonly("failures", &PrecompileResult::failures, "The steps that failed.")
      .def_property_readonly("keys", text_list_member(&PrecompileResult::keys), "Of what is in the cache now.")
      .def_readonly("seconds", &PrecompileResult::seconds)
      .def("__repr__",
           [](py::handle self) { return attributes_repr(self, {"compiled", "present", "failures", "seconds"}); });

  module.def("precompile", &precompile_from_python, py::arg("manifest"), py::kw_only(), py::arg("archs") = py::list(),
             py::arg("cache") = true, py::arg("jobs") = 0, py::arg("progress") = py::none(),
             R"(Fills a cache with a manifest's programs, for devices that need not be there; needs NVRTC and no GPU.

`archs`: the devices, such as ['sm_80', 'sm_90', 'softgpu']; none: this machine's. `jobs`: how many compile at once, in
threads or worker processes as with compile_many; 0: CUJITSU_COMPILE_WORKERS, else one for each CPU. `progress` is called
with each PrecompileStep. What does not compile is in the result's failures. Raises ArgumentError, LoadError (no NVRTC) and
CacheError (the cache is disabled).)");
}

}  // namespace

void register_manifest(py::module_& module) {
  register_recording(module);
  register_precompiling(module);
}

}  // namespace cujitsu::python
