// SPDX-License-Identifier: MIT
// Attributes, dictionary entries and methods by names that are made once, and errors that name where a value was given.
#pragma once

#include "place.hpp"

#include <pybind11/pybind11.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace cujitsu::python {

namespace py = pybind11;

// All of these need the GIL.

/// An interned str that lives until the process ends; keep it in a static.
[[nodiscard]] PyObject* interned(const char* name);

/// The attribute; null where there is none. Raises no AttributeError on the way; throws py::error_already_set for others.
[[nodiscard]] py::object optional_attribute(py::handle object, PyObject* name);

/// The entry of a dict; null where there is none.
[[nodiscard]] py::object dictionary_entry(py::handle dictionary, PyObject* name);

/// object.name and object.name(). Throw py::error_already_set.
[[nodiscard]] py::object attribute(py::handle object, PyObject* name);
[[nodiscard]] py::object call_method(py::handle object, PyObject* name);

/// Python's bool(value). Throws py::error_already_set.
[[nodiscard]] bool is_true(const py::object& value);

/// The text of the exception that is being handled. In its catch block: KeyboardInterrupt and other exceptions that are no
/// Exception are thrown again instead.
[[nodiscard]] std::string exception_text(const py::error_already_set& error);

/// An integer, numpy's too, from 0 to `largest`; false for everything else, with no exception pending.
[[nodiscard]] bool to_unsigned(py::handle value, std::uint64_t& result, std::uint64_t largest = UINT64_MAX);

}  // namespace cujitsu::python
