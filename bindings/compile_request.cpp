// SPDX-License-Identifier: MIT
#include "compile_request.hpp"

#include "keywords.hpp"
#include "text_conversion.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <vector>

namespace cujitsu::python {
namespace {

[[noreturn]] void refuse(const std::string& function, std::string_view what, std::string_view expected,
                         py::handle given) {
  throw ArgumentError(fmt::format("{}(): {} must be {}, not {}", function, what, expected, describe(given)),
                      ArgumentError::Kind::type);
}

bool is_text(py::handle value) { return PyUnicode_Check(value.ptr()) || PyBytes_Check(value.ptr()); }

// A str as UTF-8, bytes as they are.
std::string bytes_of(py::handle value) {
  if (PyBytes_Check(value.ptr())) return std::string(py::reinterpret_borrow<py::bytes>(value));
  Py_ssize_t size = 0;
  const char* data = PyUnicode_AsUTF8AndSize(value.ptr(), &size);
  if (data == nullptr) throw py::error_already_set();
  return {data, static_cast<std::size_t>(size)};
}

py::object file_system_path(const std::string& function, std::string_view what, py::handle value) {
  PyObject* path = PyOS_FSPath(value.ptr());
  if (path != nullptr) return py::reinterpret_steal<py::object>(path);
  PyErr_Clear();
  refuse(function, what, "a list of paths", value);
}

std::vector<std::string> string_list(const std::string& function, const char* name, py::handle value, bool paths) {
  const char* expected = paths ? "a list of paths" : "a list of strings";
  std::vector<std::string> result;
  if (!value || value.is_none()) return result;
  // Iterating a string gives its characters, each of which NVRTC would refuse in its own obscure way.
  if (is_text(value) || !py::isinstance<py::iterable>(value)) {
    std::string hint = fmt::format("{} (write {}=[...])", expected, name);
    if (PyUnicode_Check(value.ptr())) hint = fmt::format("{} (write {}=['{}'])", expected, name, bytes_of(value));
    refuse(function, name, hint, value);
  }
  for (const py::handle item : py::reinterpret_borrow<py::iterable>(value)) {
    const py::object entry = paths ? file_system_path(function, name, item) : py::reinterpret_borrow<py::object>(item);
    if (!is_text(entry)) refuse(function, name, expected, entry);
    result.push_back(bytes_of(entry));
  }
  return result;
}

std::vector<Header> headers_of(const std::string& function, py::handle value) {
  std::vector<Header> result;
  if (!value || value.is_none()) return result;
  if (!py::hasattr(value, "items")) refuse(function, "headers", "a dict of names and texts", value);
  for (const py::handle item : py::iterable(value.attr("items")())) {
    const auto pair = py::cast<std::pair<py::object, py::object>>(item);
    if (!PyUnicode_Check(pair.first.ptr())) refuse(function, "the name of a header", "a string", pair.first);
    if (!is_text(pair.second)) refuse(function, "the text of a header", "a string or bytes", pair.second);
    result.push_back({bytes_of(pair.first), bytes_of(pair.second)});
  }
  return result;
}

void optional_string(const std::string& function, const char* name, py::handle value, std::string& result) {
  if (!value || value.is_none()) return;
  if (!PyUnicode_Check(value.ptr())) refuse(function, name, "a string or None", value);
  result = bytes_of(value);
}

bool flag(const std::string& function, const char* name, py::handle value) {
  if (!value || value.is_none() || value.ptr() == Py_False) return false;
  if (value.ptr() == Py_True) return true;
  refuse(function, name, "True or False", value);
}

Pch pch_of(const std::string& function, py::handle value) {
  std::string text = "off";
  optional_string(function, "pch", value, text);
  if (text == "off") return Pch::off;
  if (text == "auto") return Pch::automatic;
  throw ArgumentError(fmt::format("{}(): pch must be 'off' or 'auto', not '{}'", function, text));
}

KernelCache* cache_of(const std::string& function, py::handle value) {
  if (!value || value.ptr() == Py_True) return &KernelCache::standard();
  if (value.ptr() == Py_False) return nullptr;
  if (py::isinstance<KernelCache>(value)) return py::cast<KernelCache*>(value);
  refuse(function, "cache", "True, False or a KernelCache", value);
}

}  // namespace

CompileRequest compile_request(const std::string& function, py::handle source, const py::kwargs& keywords) {
  check_keywords(
      function, keywords,
      {"options", "include_dirs", "headers", "name_expressions", "arch", "name", "hermetic", "pch", "cache"});
  if (!is_text(source)) refuse(function, "source", "CUDA C++ as str or bytes", source);
  CompileRequest request{bytes_of(source), {}, cache_of(function, keyword(keywords, "cache"))};
  auto& options = request.options;
  options.options = string_list(function, "options", keyword(keywords, "options"), false);
  options.include_dirs = string_list(function, "include_dirs", keyword(keywords, "include_dirs"), true);
  options.headers = headers_of(function, keyword(keywords, "headers"));
  options.name_expressions = string_list(function, "name_expressions", keyword(keywords, "name_expressions"), false);
  optional_string(function, "arch", keyword(keywords, "arch"), options.arch);
  optional_string(function, "name", keyword(keywords, "name"), options.name);
  options.hermetic = flag(function, "hermetic", keyword(keywords, "hermetic"));
  options.pch = pch_of(function, keyword(keywords, "pch"));
  return request;
}

}  // namespace cujitsu::python
