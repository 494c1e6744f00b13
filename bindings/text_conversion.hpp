// SPDX-License-Identifier: MIT
// C++ strings as Python strings, and values as text for messages and reprs.
#pragma once

#include "annotations.hpp"

#include <pybind11/pybind11.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cujitsu::python {

/// Never fails on bytes that are not UTF-8: a log may quote a source that is not, and an error must still be readable.
[[nodiscard]] py::str text(std::string_view value);
[[nodiscard]] StringList text_list(std::span<const std::string> values);
/// Keeps the order of `values`.
[[nodiscard]] StringMap text_map(std::span<const std::pair<std::string, std::string>> values);

/// A getter for def_property_readonly.
template <class Class>
[[nodiscard]] auto text_member(std::string Class::*member) {
  return [member](const Class& self) { return text(self.*member); };
}

template <class Class>
[[nodiscard]] auto text_list_member(std::vector<std::string> Class::*member) {
  return [member](const Class& self) { return text_list(self.*member); };
}

/// "Name(a=1, b='x')": a repr from the attributes of `self` that are named.
[[nodiscard]] std::string attributes_repr(py::handle self, std::initializer_list<const char*> names);

/// What a caller passed, for an error message: "str 'abc'", "numpy.ndarray of float32, shape (400,)".
[[nodiscard]] std::string describe(py::handle value);

/// "numpy.ndarray", "int": the type's name, with its module unless that is builtins.
[[nodiscard]] std::string type_name(py::handle value);

}  // namespace cujitsu::python
