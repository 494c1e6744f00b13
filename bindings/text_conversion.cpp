// SPDX-License-Identifier: MIT
#include "text_conversion.hpp"

#include <fmt/format.h>

namespace cujitsu::python {
namespace {

constexpr std::size_t longest_quoted_value = 60;

}  // namespace

py::str text(std::string_view value) {
  PyObject* decoded = PyUnicode_DecodeUTF8(value.data(), static_cast<Py_ssize_t>(value.size()), "replace");
  if (decoded == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::str>(decoded);
}

StringList text_list(std::span<const std::string> values) {
  py::list list;
  for (const auto& value : values) list.append(text(value));
  return StringList(std::move(list));
}

StringMap text_map(std::span<const std::pair<std::string, std::string>> values) {
  py::dict map;
  for (const auto& [key, value] : values) map[text(key)] = text(value);
  return StringMap(std::move(map));
}

std::string attributes_repr(py::handle self, std::initializer_list<const char*> names) {
  auto result = py::cast<std::string>(py::type::handle_of(self).attr("__name__")) + "(";
  const char* separator = "";
  for (const char* name : names) {
    result += fmt::format("{}{}={}", separator, name, py::cast<std::string>(py::repr(self.attr(name))));
    separator = ", ";
  }
  return result + ")";
}

std::string type_name(py::handle value) {
  const py::handle type = py::type::handle_of(value);
  // An array type that ctypes has made has none.
  const auto module = py::cast<std::string>(py::str(py::getattr(type, "__module__", py::str("builtins"))));
  const auto name = py::cast<std::string>(py::str(type.attr("__qualname__")));
  if (module == "builtins") return name;
  if (module == "cujitsu._core") return "cujitsu." + name;
  return module + "." + name;
}

std::string describe(py::handle value) {
  if (value.is_none()) return "None";
  const auto name = type_name(value);
  if (py::hasattr(value, "dtype") && py::hasattr(value, "shape")) {
    return fmt::format("{} of {}, shape {}", name, py::cast<std::string>(py::str(value.attr("dtype"))),
                       py::cast<std::string>(py::str(value.attr("shape"))));
  }
  if (PyLong_Check(value.ptr()) || PyFloat_Check(value.ptr()) || PyComplex_Check(value.ptr()) ||
      PyUnicode_Check(value.ptr())) {
    // Encoded by hand: a str may hold lone surrogates, which have no UTF-8.
    const auto quoted =
        py::reinterpret_steal<py::bytes>(PyUnicode_AsEncodedString(py::repr(value).ptr(), "utf-8", "backslashreplace"));
    if (!quoted) throw py::error_already_set();
    const std::string shown = quoted;
    if (shown.size() <= longest_quoted_value) return fmt::format("{} {}", name, shown);
  }
  if (PyBytes_Check(value.ptr()) || PyByteArray_Check(value.ptr())) {
    return fmt::format("{} of {} bytes", name, py::len(value));
  }
  return name;
}

}  // namespace cujitsu::python
