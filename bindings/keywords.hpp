// SPDX-License-Identifier: MIT
// Keyword arguments of the functions that check them by hand.
#pragma once

#include <pybind11/pybind11.h>

#include <initializer_list>
#include <string>
#include <string_view>

namespace cujitsu::python {

namespace py = pybind11;

/// Throws ArgumentError (a TypeError) that names a keyword not in `known`, and the known one it is nearest to.
void check_keywords(const std::string& function, const py::kwargs& keywords,
                    std::initializer_list<std::string_view> known);

/// The keyword's value; an empty handle when it was not given. Borrowed from `keywords`.
[[nodiscard]] py::handle keyword(const py::kwargs& keywords, const char* name);

}  // namespace cujitsu::python
