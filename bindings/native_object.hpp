// SPDX-License-Identifier: MIT
// The C++ object in a Python one, without pybind11's look-up of the type in a table at each call.
#pragma once

#include <pybind11/pybind11.h>

namespace cujitsu::python {

namespace py = pybind11;

/// Null unless `value` is an instance of the bound class T or of a subclass. Borrowed from `value`; needs the GIL.
template <class T>
[[nodiscard]] const T* native_object(py::handle value) {
  static const py::detail::type_info* const info = py::detail::get_type_info(typeid(T));
  if (!PyObject_TypeCheck(value.ptr(), info->type)) return nullptr;
  py::detail::type_caster_generic caster(info);
  return caster.load(value, false) ? static_cast<const T*>(caster.value) : nullptr;
}

}  // namespace cujitsu::python
