// SPDX-License-Identifier: MIT
// The C++ value in a Python object of a known class, without pybind11's look-up: for the launch path.
#pragma once

#include <pybind11/pybind11.h>

namespace cujitsu::python {

namespace py = pybind11;

/// The value of `object`, which is an instance of the class registered for T (one C++ base, default layout); nullptr
/// for one whose __init__ has not run.
template <class T>
[[nodiscard]] T* instance_value(PyObject* object) noexcept {
  return static_cast<T*>(reinterpret_cast<py::detail::instance*>(object)->simple_value_holder[0]);
}

/// Set when the class is registered, and never changed.
template <class T>
struct ExactType {
  static inline PyTypeObject* type = nullptr;

  static void set(const py::handle& registered) noexcept { type = reinterpret_cast<PyTypeObject*>(registered.ptr()); }
};

/// The value where `object` is of just that class, and no class derived from it.
template <class T>
[[nodiscard]] T* exact_value(PyObject* object) noexcept {
  return Py_TYPE(object) == ExactType<T>::type ? instance_value<T>(object) : nullptr;
}

}  // namespace cujitsu::python
