// SPDX-License-Identifier: MIT
#include "bound_launch.hpp"

#include "annotations.hpp"
#include "arguments.hpp"
#include "gil.hpp"
#include "numbers.hpp"
#include "text_conversion.hpp"

#include <fmt/format.h>

#include <utility>

namespace cujitsu::python {
namespace {

void replace(OwningBoundLaunch& self, const Integer& index, const Argument& value) {
  const std::size_t position = size_argument("BoundLaunch.replace", "index", index);
  ArgumentPack arguments(self.kernel, ArgumentPack::Transfers::refused);
  arguments.convert(position, value);
  arguments.upload(self.settings.config.stream);
  self.launch.replace_packed(position, arguments.packed()[position]);
  self.arguments[position] = value;
}

}  // namespace

std::unique_ptr<OwningBoundLaunch> bind(const Kernel& kernel, LaunchSettings settings, const py::args& values) {
  ArgumentPack arguments(kernel, ArgumentPack::Transfers::refused);
  arguments.convert(values);
  std::vector<py::object> kept;
  for (const py::handle value : values) kept.push_back(py::reinterpret_borrow<py::object>(value));
  auto launch = [&] {
    const GilRelease release;
    arguments.upload(settings.config.stream);
    return kernel.bind_packed(settings.config, arguments.packed());
  }();
  return std::make_unique<OwningBoundLaunch>(
      OwningBoundLaunch{kernel, std::move(launch), std::move(settings), std::move(kept)});
}

void register_bound_launch(py::module_& module) {
  py::class_<OwningBoundLaunch>(
      module, "BoundLaunch",
      R"(A kernel with its arguments and configuration packed and checked. One thread at a time.

Made by Kernel.bind; keeps the arguments and the stream alive.)")
      .def(
          "__call__",
          [](const OwningBoundLaunch& self) {
            const GilRelease release;
            self.launch();
          },
          "Queues the kernel. Raises LaunchError, DriverError.")
      .def("replace", &replace, py::arg("index"), py::arg("value"),
           "Replaces argument `index` (from 0). Raises ArgumentError as a launch does.")
      .def_property_readonly(
          "config", [](const OwningBoundLaunch& self) { return self.settings; }, "Its LaunchConfig.")
      .def("__repr__", [](const OwningBoundLaunch& self) {
        return text(fmt::format("<BoundLaunch {}, {}>", self.kernel.name(), to_string(self.settings)));
      });
}

}  // namespace cujitsu::python
