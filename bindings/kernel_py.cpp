// SPDX-License-Identifier: MIT
#include "annotations.hpp"
#include "bound_launch.hpp"
#include "configured_kernel.hpp"
#include "gil.hpp"
#include "instance.hpp"
#include "launch.hpp"
#include "numbers.hpp"
#include "plain_launch.hpp"
#include "prepared_calls.hpp"
#include "registration.hpp"
#include "text_conversion.hpp"
#include "vectorcall.hpp"

#include <cujitsu/kernel.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace cujitsu::python {
namespace {

[[gnu::noinline]] PyObject* call_slowly(const KernelObject& kernel, PyObject* const* values, std::size_t count,
                                        PyObject* names) {
  const auto keywords = launch_keywords(kernel.info(), values + count, names);
  const auto config = config_of(kernel.info(), keywords);
  return launch(kernel, config, options_of(kernel, keywords), values, count);
}

PyObject* call(PyObject* self, PyObject* const* values, std::size_t flags, PyObject* names) noexcept {
  return translating([&]() -> PyObject* {
    const auto& kernel = *instance_value<KernelObject>(self);
    const auto count = static_cast<std::size_t>(PyVectorcall_NARGS(flags));
    LaunchConfig config;
    if (config_fast(values + count, names, config) && launch_fast(kernel, config, values, count)) [[likely]]
      Py_RETURN_NONE;
    return call_slowly(kernel, values, count, names);
  });
}

/// The arguments of a pybind11 call as those of a vectorcall.
struct VectorArguments {
  VectorArguments(const py::args& positional, const py::kwargs& keywords) : count(positional.size()) {
    for (const py::handle value : positional) values.push_back(value.ptr());
    if (keywords.empty()) return;
    py::tuple given(keywords.size());
    Py_ssize_t i = 0;
    for (const auto& [name, value] : keywords) {
      PyTuple_SET_ITEM(given.ptr(), i++, name.inc_ref().ptr());
      values.push_back(value.ptr());
    }
    names = std::move(given);
  }
  std::vector<PyObject*> values;
  std::size_t count;
  py::object names;  // empty where there are no keywords
};

void register_values(py::module_& module) {
  py::class_<KernelAttributes>(module, "KernelAttributes", "What the driver says of a kernel on the current device.")
      .def_readonly("registers", &KernelAttributes::registers, "For each thread.")
      .def_readonly("shared_bytes", &KernelAttributes::shared_bytes, "Static shared memory of a block.")
      .def_readonly("local_bytes", &KernelAttributes::local_bytes, "Of a thread.")
      .def_readonly("constant_bytes", &KernelAttributes::constant_bytes,
                    "User constants (__constant__), not the parameters.")
      .def_readonly("max_threads_per_block", &KernelAttributes::max_threads_per_block)
      .def_readonly("ptx_version", &KernelAttributes::ptx_version, "10 * major + minor of the virtual architecture.")
      .def_readonly("binary_version", &KernelAttributes::binary_version, "10 * major + minor of the machine code.")
      .def("__repr__", [](py::handle self) {
        return attributes_repr(self, {"registers", "shared_bytes", "local_bytes", "constant_bytes",
                                      "max_threads_per_block", "ptx_version", "binary_version"});
      });

  py::class_<Occupancy>(module, "Occupancy", "How many blocks of a launch fit on one multiprocessor.")
      .def_readonly("blocks_per_multiprocessor", &Occupancy::blocks_per_multiprocessor)
      .def_readonly("fraction", &Occupancy::fraction, "Resident threads / the most a multiprocessor holds.")
      .def("__repr__",
           [](py::handle self) { return attributes_repr(self, {"blocks_per_multiprocessor", "fraction"}); });

  py::class_<BlockSuggestion>(module, "BlockSuggestion",
                              "A block size that fills the device, and how many such blocks do.")
      .def_readonly("block", &BlockSuggestion::block, "Threads.")
      .def_readonly("min_grid", &BlockSuggestion::min_grid, "Blocks.")
      .def("__repr__", [](py::handle self) { return attributes_repr(self, {"block", "min_grid"}); });
}

}  // namespace

#define CUJITSU_LAUNCH_KEYWORDS                                                                        \
  "*args: typing.Any, grid: cujitsu.typing.Dimensions = (1, 1, 1), block: cujitsu.typing.Dimensions, " \
  "shared: typing.SupportsIndex = 0, stream: cujitsu.typing.StreamLike = None, check: bool = True"

void register_kernel(py::module_& module) {
  register_values(module);
  py::class_<KernelObject> kernel(module, "Kernel", vectorcall_setup<&call>(),
                                  R"(One kernel of a SourceModule, for every device. For any thread.

    kernel(a_gpu, b_gpu, 400, grid=(1, 1), block=(400, 1, 1), shared=0, stream=None)
    kernel[grid, block](a_gpu, b_gpu, 400)

It keeps its module alive. Everything raises DriverError and LoadError besides what it names.)");
  kernel
      .def_property_readonly(
          "name", [](const KernelObject& self) { return text(self.kernel.name()); }, "As a person writes it.")
      .def_property_readonly(
          "lowered_name", [](const KernelObject& self) { return text(self.kernel.lowered_name()); },
          "As the driver knows it.")
      .def_property_readonly(
          "signature", [](const KernelObject& self) { return self.kernel.signature(); }, "What it takes.")
      .def_property_readonly(
          "attributes",
          [](const KernelObject& self) {
            const GilRelease release;
            return self.kernel.attributes();
          },
          "Registers, memory and limits on the current device, as KernelAttributes.")
      .def(
          "occupancy",
          [](const KernelObject& self, const Dimensions& block, const Integer& shared) {
            const Dim3 threads = extents_of("Kernel.occupancy", "block", block.ptr());
            const auto bytes = unsigned_argument("Kernel.occupancy", "shared", shared, UINT32_MAX);
            const GilRelease release;
            return self.kernel.occupancy(threads, static_cast<std::uint32_t>(bytes));
          },
          py::arg("block"), py::arg("shared") = 0,
          "For a block of `block` threads with `shared` bytes of dynamic shared memory, on the current device.")
      .def(
          "suggest_block",
          [](const KernelObject& self, const Integer& shared, const Integer& limit) {
            const auto bytes = unsigned_argument("Kernel.suggest_block", "shared", shared, UINT32_MAX);
            const auto most = unsigned_argument("Kernel.suggest_block", "limit", limit, INT32_MAX);
            const GilRelease release;
            return self.kernel.suggest_block(static_cast<std::uint32_t>(bytes), static_cast<int>(most));
          },
          py::arg("shared") = 0, py::arg("limit") = 0,
          R"(The block size with the highest occupancy on the current device, as BlockSuggestion.

For `shared` bytes of dynamic shared memory a block, and at most `limit` threads (0: no limit of your own), by the driver's
occupancy calculator.)")
      .def(
          "__getitem__",
          [](const py::object& self, const Annotated<"cujitsu.typing.LaunchSubscript">& subscript) {
            PyObject* configured = configured_kernel(self.ptr(), subscript.ptr());
            if (configured == nullptr) throw py::error_already_set();
            return Annotated<"cujitsu._core.ConfiguredKernel">(py::reinterpret_steal<py::object>(configured));
          },
          py::arg("subscript"),
          "kernel[grid, block], [grid, block, stream], [grid, block, stream, shared] or [LaunchConfig(...)].")
      .def("__repr__", [](const KernelObject& self) {
        return text(fmt::format("<Kernel {}>", self.kernel.signature().to_string()));
      });
  register_prepared_calls(kernel);

  py::options options;
  options.disable_function_signatures();
  kernel
      .def(
          "__call__",
          [](const py::object& self, const py::args& values, const py::kwargs& keywords) {
            return self(*values, **keywords);
          },
          "__call__(self: cujitsu._core.Kernel, " CUJITSU_LAUNCH_KEYWORDS
          R"(, time_kernel: bool = False) -> float | None

Queues the kernel and returns at once; with In, Out or InOut, waits for it and copies back. With time_kernel=True it
waits as well and returns the seconds that the kernel took, by two events.

Arguments are converted to the kernel's own parameters as C would, with a range check (docs/arguments.md). A pointer takes
a DeviceBuffer, a DeviceSpan, an object with __cuda_array_interface__ or __dlpack__, a torch tensor, an integer address,
None, or In, Out or InOut of a host array; a vector takes a tuple; a struct takes a numpy record, a ctypes structure or
bytes. An array of other elements than the parameter points at is an error, unless check=False. Device memory must stay
alive until the kernel has ended.
Raises ArgumentError (count, type, size or range of an argument; an unknown keyword) and LaunchError.)")
      .def(
          "bind",
          [](const KernelObject& self, const py::args& values, const py::kwargs& keywords) {
            const VectorArguments given(values, keywords);
            return bind(self, given.values.data(), given.count, given.names.ptr());
          },
          "bind(self: cujitsu._core.Kernel, " CUJITSU_LAUNCH_KEYWORDS R"() -> cujitsu._core.BoundLaunch

Packs arguments and configuration once, for many calls; keeps the arguments alive. Raises ArgumentError.)");
  finish_vectorcall(kernel);
  // kernel[grid, block] by the type's own slot, which __getitem__'s definition has taken.
  reinterpret_cast<PyTypeObject*>(kernel.ptr())->tp_as_mapping->mp_subscript = &configured_kernel;
}

#undef CUJITSU_LAUNCH_KEYWORDS

}  // namespace cujitsu::python
