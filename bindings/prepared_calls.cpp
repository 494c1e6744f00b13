// SPDX-License-Identifier: MIT
#include "prepared_calls.hpp"

#include "fast_method.hpp"
#include "gil.hpp"
#include "instance.hpp"
#include "keywords.hpp"
#include "launch.hpp"
#include "launch_keywords.hpp"
#include "numbers.hpp"
#include "text_conversion.hpp"
#include "vectorcall.hpp"

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

/// A vectorcall's arguments behind self.
struct Given {
  PyObject* const* values;
  Py_ssize_t count;  ///< of positional ones
  PyObject* names;
};

struct Prepared {
  LaunchConfig config;
  Given arguments;  ///< the kernel's own
};

/// `leading` objects of the call are grid, block and perhaps a stream. `function` is for messages.
Prepared prepared(const KernelObject& kernel, const char* function, const Given& given, Py_ssize_t leading) {
  const auto name = [&] { return fmt::format("{}.{}", kernel.info().name, function); };
  PyObject* shared = nullptr;
  for (Py_ssize_t i = 0; given.names != nullptr && i < PyTuple_GET_SIZE(given.names); ++i) {
    PyObject* const keyword = PyTuple_GET_ITEM(given.names, i);
    if (PyUnicode_CompareWithASCIIString(keyword, "shared_size") != 0) {
      py::dict one;
      one[py::handle(keyword)] = py::none();
      check_keywords(name(), py::reinterpret_borrow<py::kwargs>(one), {"shared_size"});
    }
    shared = given.values[given.count + i];
  }
  if (given.count < leading) {
    throw ArgumentError(fmt::format("{}() takes grid, block{} and the kernel's arguments, and was given {} of them",
                                    name(), leading > 2 ? ", stream" : "", given.count),
                        type_kind);
  }
  Prepared result;
  const auto& info = kernel.info().name;
  result.config.grid = extents_of(info, "grid", given.values[0]);
  result.config.block = extents_of(info, "block", given.values[1]);
  if (leading > 2) result.config.stream = stream_of(info, given.values[2]);
  if (shared != nullptr)
    result.config.shared = static_cast<std::uint32_t>(unsigned_argument(info, "shared_size", shared, UINT32_MAX));
  result.arguments = {given.values + leading, given.count - leading, nullptr};
  return result;
}

PyObject* launch_prepared(const KernelObject& kernel, const Prepared& call) {
  const LaunchOptions options{.check_pointees = kernel.check_pointees};
  return launch(kernel, call.config, options, call.arguments.values, static_cast<std::size_t>(call.arguments.count));
}

PyObject* prepared_call(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return translating([&] {
    const auto& kernel = *instance_value<KernelObject>(self);
    return launch_prepared(kernel, prepared(kernel, "prepared_call", {values, count, names}, 2));
  });
}

PyObject* prepared_async_call(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return translating([&] {
    const auto& kernel = *instance_value<KernelObject>(self);
    return launch_prepared(kernel, prepared(kernel, "prepared_async_call", {values, count, names}, 3));
  });
}

PyObject* prepared_timed_call(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return translating([&] {
    const auto& kernel = *instance_value<KernelObject>(self);
    const auto call = prepared(kernel, "prepared_timed_call", {values, count, names}, 2);
    const Event start;
    const Event end;
    start.record(call.config.stream);
    const auto none = py::reinterpret_steal<py::object>(launch_prepared(kernel, call));
    end.record(call.config.stream);
    return py::cpp_function([start, end] {
             const GilRelease release;
             end.synchronize();
             return 1e-3 * static_cast<double>(end.time_since(start));
           })
        .release()
        .ptr();
  });
}

}  // namespace

#define CUJITSU_PREPARED "*args: typing.Any, shared_size: typing.SupportsIndex = 0"

void register_prepared_calls(py::class_<KernelObject>& kernel) {
  py::options options;
  options.disable_function_signatures();
  kernel.def(
      "prepare", &prepare, py::arg("arg_types") = py::none(),
      R"(prepare(self: cujitsu._core.Kernel, arg_types: typing.Iterable[typing.Any] | None = None) -> cujitsu._core.Kernel

PyCUDA's prepare(): returns the kernel. Its parameters are known without `arg_types`; what is given, characters of the
struct module ('PPfi') or numpy types, must have their sizes. Raises ArgumentError where it does not.)");
  static PyMethodDef methods[] = {
      fast_method(
          "prepared_call", &prepared_call,
          "prepared_call(self: cujitsu._core.Kernel, " CUJITSU_PREPARED
          ") -> None\n\nPyCUDA's form: prepared_call(grid, block, *arguments, shared_size=0). Raises as a call."),
      fast_method("prepared_async_call", &prepared_async_call,
                  "prepared_async_call(self: cujitsu._core.Kernel, " CUJITSU_PREPARED
                  ") -> None\n\nPyCUDA's form: prepared_async_call(grid, block, stream, *arguments, shared_size=0)."),
      fast_method("prepared_timed_call", &prepared_timed_call,
                  "prepared_timed_call(self: cujitsu._core.Kernel, " CUJITSU_PREPARED
                  ") -> typing.Callable[[], float]\n\nprepared_call that returns a function, which waits for the "
                  "kernel's end and gives the seconds it took."),
  };
  for (auto& method : methods) define_fast_method(kernel, method);
}

#undef CUJITSU_PREPARED

}  // namespace cujitsu::python
