// SPDX-License-Identifier: MIT
#include "attributes.hpp"

namespace cujitsu::python {

PyObject* interned(const char* name) {
  PyObject* text = PyUnicode_InternFromString(name);
  if (text == nullptr) throw py::error_already_set();
  return text;
}

py::object optional_attribute(py::handle object, PyObject* name) {
  PyObject* value = nullptr;
#if PY_VERSION_HEX >= 0x030D0000
  const int found = PyObject_GetOptionalAttr(object.ptr(), name, &value);
#else
  const int found = _PyObject_LookupAttr(object.ptr(), name, &value);
#endif
  if (found < 0) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(value);
}

py::object dictionary_entry(py::handle dictionary, PyObject* name) {
  PyObject* value = PyDict_GetItemWithError(dictionary.ptr(), name);
  if (value == nullptr && PyErr_Occurred() != nullptr) throw py::error_already_set();
  return py::reinterpret_borrow<py::object>(value);
}

py::object attribute(py::handle object, PyObject* name) {
  PyObject* value = PyObject_GetAttr(object.ptr(), name);
  if (value == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(value);
}

py::object call_method(py::handle object, PyObject* name) {
  PyObject* self = object.ptr();
  PyObject* value = PyObject_VectorcallMethod(name, &self, 1, nullptr);
  if (value == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(value);
}

bool is_true(const py::object& value) {
  const int truth = PyObject_IsTrue(value.ptr());
  if (truth < 0) throw py::error_already_set();
  return truth != 0;
}

std::string exception_text(const py::error_already_set& error) {
  if (!error.matches(PyExc_Exception)) throw;
  return py::cast<std::string>(py::str(error.value()));
}

bool to_unsigned(py::handle value, std::uint64_t& result, std::uint64_t largest) {
  if (!PyIndex_Check(value.ptr())) return false;
  py::object integer;
  if (!PyLong_Check(value.ptr())) {
    integer = py::reinterpret_steal<py::object>(PyNumber_Index(value.ptr()));
    value = integer;
  }
  if (value) result = PyLong_AsUnsignedLongLong(value.ptr());
  if (!value || (result == UINT64_MAX && PyErr_Occurred() != nullptr)) {
    PyErr_Clear();
    return false;
  }
  return result <= largest;
}

}  // namespace cujitsu::python
