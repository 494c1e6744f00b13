// SPDX-License-Identifier: MIT
// == for the value types.
#pragma once

#include <pybind11/pybind11.h>

#include <functional>

namespace cujitsu::python {

/// Any object may be compared, as Python and its type checkers expect; one of another type is unequal. A class with this
/// and no __hash__ of its own is not hashable.
template <class Value, class... Options, class Equal = std::equal_to<Value>>
void define_equality(pybind11::class_<Value, Options...>& type, Equal equal = {}) {
  type.def(
      "__eq__",
      [equal](const Value& self, const pybind11::object& other) {
        return pybind11::isinstance<Value>(other) && equal(self, pybind11::cast<const Value&>(other));
      },
      pybind11::arg("other"));
}

}  // namespace cujitsu::python
