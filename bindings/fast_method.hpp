// SPDX-License-Identifier: MIT
// Methods that are called without pybind11's dispatch: for the launch path.
#pragma once

#include <pybind11/pybind11.h>

namespace cujitsu::python {

namespace py = pybind11;

using FastMethod = PyObject* (*)(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names);

/// Adds a method to a class. `definition` is of static storage, its ml_doc begins with the whole signature as pybind11
/// writes it; its function, a FastMethod by way of void (*)(), throws nothing.
inline void define_fast_method(const py::handle& type, PyMethodDef& definition) {
  const auto method =
      py::reinterpret_steal<py::object>(PyDescr_NewMethod(reinterpret_cast<PyTypeObject*>(type.ptr()), &definition));
  if (!method) throw py::error_already_set();
  py::setattr(type, definition.ml_name, method);
}

/// The PyMethodDef of a FastMethod.
[[nodiscard]] inline PyMethodDef fast_method(const char* name, FastMethod method, const char* documentation) {
  return {name, reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(method)), METH_FASTCALL | METH_KEYWORDS,
          documentation};
}

}  // namespace cujitsu::python
