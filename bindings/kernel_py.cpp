// SPDX-License-Identifier: MIT
#include "annotations.hpp"
#include "arguments.hpp"
#include "bound_launch.hpp"
#include "gil.hpp"
#include "launch_settings.hpp"
#include "numbers.hpp"
#include "registration.hpp"
#include "text_conversion.hpp"

#include <cujitsu/kernel.hpp>

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace cujitsu::python {
namespace {

/// kernel[grid, block]: calling it launches.
struct ConfiguredKernel {
  Kernel kernel;
  LaunchSettings settings;
};

void launch(const Kernel& kernel, const LaunchSettings& settings, const py::args& values) {
  ArgumentPack arguments(kernel, ArgumentPack::Transfers::allowed);
  arguments.convert(values);
  const GilRelease release;
  arguments.upload(settings.config.stream);
  kernel.launch_packed(settings.config, arguments.packed());
  arguments.download(settings.config.stream);
}

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
}

void register_configured_kernel(py::module_& module) {
  py::class_<ConfiguredKernel> configured(module, "ConfiguredKernel",
                                          "kernel[grid, block]: call it with the kernel's arguments.");
  configured.def("__repr__", [](const ConfiguredKernel& self) {
    return text(fmt::format("<ConfiguredKernel {}, {}>", self.kernel.name(), to_string(self.settings)));
  });

  py::options options;
  options.disable_function_signatures();
  configured.def(
      "__call__",
      [](const ConfiguredKernel& self, const py::args& values) { launch(self.kernel, self.settings, values); },
      "__call__(self: cujitsu._core.ConfiguredKernel, *args: typing.Any) -> None\n\n"
      "Queues the kernel; see Kernel.__call__.");
}

}  // namespace

#define CUJITSU_LAUNCH_KEYWORDS                                                                        \
  "*args: typing.Any, grid: cujitsu.typing.Dimensions = (1, 1, 1), block: cujitsu.typing.Dimensions, " \
  "shared: typing.SupportsIndex = 0, stream: cujitsu.typing.StreamLike = None"

void register_kernel(py::module_& module) {
  register_values(module);
  register_configured_kernel(module);
  register_bound_launch(module);

  py::class_<Kernel> kernel(module, "Kernel", py::release_gil_before_calling_cpp_dtor(),
                            R"(One kernel of a SourceModule, for every device. For any thread.

    kernel(a_gpu, b_gpu, 400, grid=(1, 1), block=(400, 1, 1), shared=0, stream=None)
    kernel[grid, block](a_gpu, b_gpu, 400)

It keeps its module alive. Everything raises DriverError and LoadError besides what it names.)");
  kernel.def_property_readonly(
            "name", [](const Kernel& self) { return text(self.name()); }, "As a person writes it.")
      .def_property_readonly(
          "lowered_name", [](const Kernel& self) { return text(self.lowered_name()); }, "As the driver knows it.")
      .def_property_readonly("signature", &Kernel::signature, py::return_value_policy::copy, "What it takes.")
      .def_property_readonly(
          "attributes",
          [](const Kernel& self) {
            const GilRelease release;
            return self.attributes();
          },
          "Registers, memory and limits on the current device, as KernelAttributes.")
      .def(
          "occupancy",
          [](const Kernel& self, const Dimensions& block, const Integer& shared) {
            const Dim3 threads = dimensions_argument("Kernel.occupancy", "block", block);
            const auto bytes = unsigned_argument("Kernel.occupancy", "shared", shared, UINT32_MAX);
            const GilRelease release;
            return self.occupancy(threads, static_cast<std::uint32_t>(bytes));
          },
          py::arg("block"), py::arg("shared") = 0,
          "For a block of `block` threads with `shared` bytes of dynamic shared memory, on the current device.")
      .def(
          "__getitem__",
          [](const Kernel& self, const Annotated<"cujitsu.typing.LaunchSubscript">& subscript) {
            return ConfiguredKernel{self, settings_from_subscript(self.name(), subscript)};
          },
          py::arg("subscript"),
          "kernel[grid, block], [grid, block, stream], [grid, block, stream, shared] or [LaunchConfig(...)].")
      .def("__repr__", [](const Kernel& self) {
        return text(fmt::format("<Kernel {}{}>", self.name(), self.signature().to_string()));
      });

  py::options options;
  options.disable_function_signatures();
  kernel
      .def(
          "__call__",
          [](const Kernel& self, const py::args& values, const py::kwargs& keywords) {
            launch(self, settings_from_keywords(self.name(), keywords), values);
          },
          "__call__(self: cujitsu._core.Kernel, " CUJITSU_LAUNCH_KEYWORDS R"() -> None

Queues the kernel and returns at once; with In, Out or InOut, waits for it and copies back.

Arguments are converted to the kernel's own parameters as C would, with a range check. A pointer takes a DeviceBuffer, a
DeviceSpan, an object with __cuda_array_interface__, an integer address, None, or In, Out or InOut of a host array; a
struct takes a numpy record, a ctypes structure or bytes. Device memory must stay alive until the kernel has ended.
Raises ArgumentError (count, type, size or range of an argument; an unknown keyword) and LaunchError.)")
      .def(
          "bind",
          [](const Kernel& self, const py::args& values, const py::kwargs& keywords) {
            return bind(self, settings_from_keywords(self.name(), keywords), values);
          },
          "bind(self: cujitsu._core.Kernel, " CUJITSU_LAUNCH_KEYWORDS R"() -> cujitsu._core.BoundLaunch

Packs arguments and configuration once, for many calls; keeps the arguments alive. Raises ArgumentError.)");
}

}  // namespace cujitsu::python
