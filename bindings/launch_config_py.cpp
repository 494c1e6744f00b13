// SPDX-License-Identifier: MIT
#include "annotations.hpp"
#include "launch_keywords.hpp"
#include "launch_settings.hpp"
#include "numbers.hpp"
#include "registration.hpp"
#include "text_conversion.hpp"

#include <cujitsu/errors.hpp>

#include <pybind11/stl.h>

#include <fmt/format.h>

#include <limits>
#include <optional>

namespace cujitsu::python {
namespace {

constexpr auto type_kind = ArgumentError::Kind::type;

// An empty handle leaves the standard value.
LaunchSettings settings_of(std::string_view function, py::handle grid, py::handle block, py::handle shared,
                           py::handle stream) {
  LaunchSettings settings;
  settings.config.grid = extents_of(function, "grid", grid.ptr());
  settings.config.block = extents_of(function, "block", block.ptr());
  if (shared) {
    settings.config.shared = static_cast<std::uint32_t>(
        unsigned_argument(function, "shared", shared, std::numeric_limits<std::uint32_t>::max()));
  }
  if (stream) {
    settings.config.stream = stream_of(function, stream.ptr());
    settings.stream = py::reinterpret_borrow<py::object>(stream);
  }
  return settings;
}

DimensionTuple dimension_tuple(const Dim3& dimensions) {
  return DimensionTuple(py::make_tuple(dimensions.x, dimensions.y, dimensions.z));
}

std::string to_string(const Dim3& dimensions) {
  return fmt::format("({}, {}, {})", dimensions.x, dimensions.y, dimensions.z);
}

}  // namespace

LaunchSettings settings_from_subscript(const std::string& function, py::handle subscript) {
  if (py::isinstance<LaunchSettings>(subscript)) return py::cast<LaunchSettings>(subscript);
  const bool is_tuple = PyTuple_Check(subscript.ptr()) != 0;
  const std::size_t count = is_tuple ? py::len(subscript) : 1;
  if (count < 2 || count > 4) {
    throw ArgumentError(fmt::format("{}[...] takes [grid, block], [grid, block, stream] or [grid, block, stream, "
                                    "shared], not {} value{}",
                                    function, count, count == 1 ? "" : "s"),
                        type_kind);
  }
  const auto values = py::reinterpret_borrow<py::tuple>(subscript);
  return settings_of(function, py::object(values[0]), py::object(values[1]),
                     count > 3 ? py::object(values[3]) : py::object(),
                     count > 2 ? py::object(values[2]) : py::object());
}

std::string to_string(const LaunchSettings& settings) {
  const auto& config = settings.config;
  auto text = fmt::format("grid={}, block={}, shared={}, stream={:#x}", to_string(config.grid), to_string(config.block),
                          config.shared, to_integer(config.stream));
  if (config.cluster != Dim3{}) text += fmt::format(", cluster={}", to_string(config.cluster));
  if (config.cooperative) text += ", cooperative=True";
  if (config.programmatic_stream_serialization) text += ", programmatic_stream_serialization=True";
  if (config.priority) text += fmt::format(", priority={}", *config.priority);
  return text;
}

void register_launch_config(py::module_& module) {
  py::class_<LaunchSettings>(module, "LaunchConfig", R"(How a kernel is launched, besides its arguments. Read only.

`grid` blocks of `block` threads, each an integer or a tuple of up to three; `shared` bytes of dynamic shared memory
(above 48 KiB the kernel is opted in by itself); `stream` is kept alive. kernel[config](...) launches with it.

The others need a driver of CUDA 11.8. `cooperative`: all blocks are resident at once and may wait for each other.
`cluster`: blocks of a cluster, where the kernel does not say it itself (compute capability 9.0; more than 8 are opted in
by itself). `programmatic_stream_serialization`: the kernel may start before the one ahead of it has ended, and waits for
it by cudaGridDependencySynchronize() (9.0). `priority`: lower numbers first; None is the stream's.)")
      .def(py::init([](const Dimensions& grid, const Dimensions& block, const Integer& shared, const StreamLike& stream,
                       bool cooperative, const Dimensions& cluster, bool programmatic_stream_serialization,
                       std::optional<int> priority) {
             auto settings = settings_of("LaunchConfig", grid, block, shared, stream);
             settings.config.cooperative = cooperative;
             settings.config.cluster = extents_of("LaunchConfig", "cluster", cluster.ptr());
             settings.config.programmatic_stream_serialization = programmatic_stream_serialization;
             settings.config.priority = priority;
             return settings;
           }),
           py::arg("grid"), py::arg("block"), py::arg("shared") = 0, py::arg("stream") = py::none(), py::kw_only(),
           py::arg("cooperative") = false, py::arg("cluster") = py::make_tuple(1, 1, 1),
           py::arg("programmatic_stream_serialization") = false, py::arg("priority") = py::none())
      .def_property_readonly(
          "grid", [](const LaunchSettings& self) { return dimension_tuple(self.config.grid); }, "Blocks: (x, y, z).")
      .def_property_readonly(
          "block", [](const LaunchSettings& self) { return dimension_tuple(self.config.block); },
          "Threads of a block: (x, y, z).")
      .def_property_readonly(
          "shared", [](const LaunchSettings& self) { return self.config.shared; }, "Bytes.")
      .def_property_readonly(
          "stream", [](const LaunchSettings& self) { return StreamLike(self.stream); },
          "As it was given; None is the legacy default stream.")
      .def_property_readonly("cooperative", [](const LaunchSettings& self) { return self.config.cooperative; })
      .def_property_readonly(
          "cluster", [](const LaunchSettings& self) { return dimension_tuple(self.config.cluster); },
          "Blocks of a cluster: (x, y, z).")
      .def_property_readonly("programmatic_stream_serialization",
                             [](const LaunchSettings& self) { return self.config.programmatic_stream_serialization; })
      .def_property_readonly(
          "priority", [](const LaunchSettings& self) { return self.config.priority; }, "None: the stream's.")
      .def("__repr__", [](const LaunchSettings& self) { return fmt::format("LaunchConfig({})", to_string(self)); });
}

}  // namespace cujitsu::python
