// SPDX-License-Identifier: MIT
#include "annotations.hpp"
#include "keywords.hpp"
#include "launch_settings.hpp"
#include "numbers.hpp"
#include "registration.hpp"
#include "text_conversion.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <limits>

namespace cujitsu::python {
namespace {

constexpr auto type_kind = ArgumentError::Kind::type;

// An empty handle leaves the standard value.
LaunchSettings settings_of(std::string_view function, py::handle grid, py::handle block, py::handle shared,
                           py::handle stream) {
  LaunchSettings settings;
  if (grid) settings.config.grid = dimensions_argument(function, "grid", grid);
  settings.config.block = dimensions_argument(function, "block", block);
  if (shared) {
    settings.config.shared = static_cast<std::uint32_t>(
        unsigned_argument(function, "shared", shared, std::numeric_limits<std::uint32_t>::max()));
  }
  if (stream) {
    settings.config.stream = stream_argument(function, stream);
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

LaunchSettings settings_from_keywords(const std::string& function, const py::kwargs& keywords) {
  check_keywords(function, keywords, {"grid", "block", "shared", "stream"});
  const py::handle block = keyword(keywords, "block");
  if (!block) {
    throw ArgumentError(
        fmt::format("{}(): block= is missing: the threads of a block, such as block=(256, 1, 1)", function), type_kind);
  }
  return settings_of(function, keyword(keywords, "grid"), block, keyword(keywords, "shared"),
                     keyword(keywords, "stream"));
}

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
  return fmt::format("grid={}, block={}, shared={}, stream={:#x}", to_string(config.grid), to_string(config.block),
                     config.shared, to_integer(config.stream));
}

void register_launch_config(py::module_& module) {
  py::class_<LaunchSettings>(module, "LaunchConfig", R"(How a kernel is launched, besides its arguments. Read only.

`grid` blocks of `block` threads, each an integer or a tuple of up to three; `shared` bytes of dynamic shared memory
(above 48 KiB the kernel is opted in by itself); `stream` is kept alive. kernel[config](...) launches with it.)")
      .def(py::init([](const Dimensions& grid, const Dimensions& block, const Integer& shared,
                       const StreamLike& stream) { return settings_of("LaunchConfig", grid, block, shared, stream); }),
           py::arg("grid"), py::arg("block"), py::arg("shared") = 0, py::arg("stream") = py::none())
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
      .def("__repr__", [](const LaunchSettings& self) { return fmt::format("LaunchConfig({})", to_string(self)); });
}

}  // namespace cujitsu::python
