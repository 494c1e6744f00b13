// SPDX-License-Identifier: MIT
#include "prepared_calls.hpp"

#include "annotations.hpp"
#include "gil.hpp"
#include "keywords.hpp"
#include "launch.hpp"
#include "launch_keywords.hpp"
#include "numbers.hpp"
#include "text_conversion.hpp"

#include <cujitsu/errors.hpp>
#include <cujitsu/event.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <vector>

namespace cujitsu::python {
namespace {

constexpr auto type_kind = ArgumentError::Kind::type;

/// Bytes of one entry of prepare()'s list: a numpy type, or a character of the struct module; "P" is a pointer.
std::size_t size_of(const KernelObject& kernel, py::handle entry) {
  try {
    if (!PyUnicode_Check(entry.ptr()))
      return py::cast<std::size_t>(py::module_::import("numpy").attr("dtype")(entry).attr("itemsize"));
    if (py::cast<std::string>(entry) == "P") return sizeof(DevicePointer);
    return py::cast<std::size_t>(py::module_::import("struct").attr("calcsize")(entry));
  } catch (const py::error_already_set&) {
    throw ArgumentError(fmt::format("{}.prepare(): {} is neither a numpy type nor a character of the struct module",
                                    kernel.info().name, describe(entry)),
                        type_kind);
  }
}

py::object prepare(const py::object& self, const py::object& arg_types) {
  if (arg_types.is_none()) return self;
  const auto& kernel = py::cast<const KernelObject&>(self);
  const auto& parameters = kernel.info().signature.parameters;
  std::vector<py::object> entries;
  for (const py::handle entry : py::reinterpret_borrow<py::iterable>(arg_types))
    entries.push_back(py::reinterpret_borrow<py::object>(entry));
  if (entries.size() != parameters.size()) {
    throw ArgumentError(fmt::format("{}.prepare(): {} types were given for {} parameters: {}", kernel.info().name,
                                    entries.size(), parameters.size(), kernel.info().signature.to_string()),
                        type_kind);
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto size = size_of(kernel, entries[i]);
    if (size == parameters[i].size) continue;
    throw ArgumentError(
        fmt::format("{}.prepare(): type {} of {} has {} bytes, and the parameter is {} ({} bytes)", kernel.info().name,
                    i + 1, entries.size(), size, cujitsu::to_string(parameters[i]), parameters[i].size),
        type_kind);
  }
  return self;
}

struct PreparedArguments {
  LaunchConfig config;
  std::vector<PyObject*> values;  // borrowed from the call
};

/// `leading` objects of the call are grid, block and perhaps a stream.
PreparedArguments prepared(const KernelObject& kernel, const char* function, const py::args& given,
                           const py::kwargs& keywords, std::size_t leading) {
  const auto name = fmt::format("{}.{}", kernel.info().name, function);
  check_keywords(name, keywords, {"shared_size"});
  if (given.size() < leading) {
    throw ArgumentError(fmt::format("{}() takes grid, block{} and the kernel's arguments, and was given {} of them",
                                    name, leading > 2 ? ", stream" : "", given.size()),
                        type_kind);
  }
  const auto item = [&](std::size_t i) { return PyTuple_GET_ITEM(given.ptr(), static_cast<Py_ssize_t>(i)); };
  PreparedArguments result;
  result.config.grid = extents_of(name, "grid", item(0));
  result.config.block = extents_of(name, "block", item(1));
  if (leading > 2) result.config.stream = stream_of(name, item(2));
  if (const auto shared = keyword(keywords, "shared_size"))
    result.config.shared = static_cast<std::uint32_t>(unsigned_argument(name, "shared_size", shared, UINT32_MAX));
  for (std::size_t i = leading; i < given.size(); ++i) result.values.push_back(item(i));
  return result;
}

void call(const KernelObject& kernel, const PreparedArguments& arguments) {
  const LaunchOptions options{.check_pointees = kernel.check_pointees};
  const auto none = py::reinterpret_steal<py::object>(
      launch(kernel, arguments.config, options, arguments.values.data(), arguments.values.size()));
}

void prepared_call(const KernelObject& kernel, const py::args& given, const py::kwargs& keywords) {
  call(kernel, prepared(kernel, "prepared_call", given, keywords, 2));
}

void prepared_async_call(const KernelObject& kernel, const py::args& given, const py::kwargs& keywords) {
  call(kernel, prepared(kernel, "prepared_async_call", given, keywords, 3));
}

py::cpp_function prepared_timed_call(const KernelObject& kernel, const py::args& given, const py::kwargs& keywords) {
  const auto arguments = prepared(kernel, "prepared_timed_call", given, keywords, 2);
  const Event start;
  const Event end;
  start.record(arguments.config.stream);
  call(kernel, arguments);
  end.record(arguments.config.stream);
  return py::cpp_function([start, end] {
    const GilRelease release;
    end.synchronize();
    return 1e-3 * static_cast<double>(end.time_since(start));
  });
}

}  // namespace

#define CUJITSU_PREPARED "*args: typing.Any, shared_size: typing.SupportsIndex = 0"

void register_prepared_calls(py::class_<KernelObject>& kernel) {
  py::options options;
  options.disable_function_signatures();
  kernel
      .def(
          "prepare", &prepare, py::arg("arg_types") = py::none(),
          R"(prepare(self: cujitsu._core.Kernel, arg_types: typing.Iterable[typing.Any] | None = None) -> cujitsu._core.Kernel

PyCUDA's prepare(): returns the kernel. Its parameters are known without `arg_types`; what is given, characters of the
struct module ('PPfi') or numpy types, must have their sizes. Raises ArgumentError where it does not.)")
      .def("prepared_call", &prepared_call,
           "prepared_call(self: cujitsu._core.Kernel, " CUJITSU_PREPARED
           ") -> None\n\nPyCUDA's form: prepared_call(grid, block, *arguments, shared_size=0). Raises as a call.")
      .def("prepared_async_call", &prepared_async_call,
           "prepared_async_call(self: cujitsu._core.Kernel, " CUJITSU_PREPARED
           ") -> None\n\nPyCUDA's form: prepared_async_call(grid, block, stream, *arguments, shared_size=0).")
      .def("prepared_timed_call", &prepared_timed_call,
           "prepared_timed_call(self: cujitsu._core.Kernel, " CUJITSU_PREPARED
           ") -> typing.Callable[[], float]\n\nprepared_call that returns a function, which waits for the kernel's end "
           "and gives the seconds it took.");
}

#undef CUJITSU_PREPARED

}  // namespace cujitsu::python
