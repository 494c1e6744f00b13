// SPDX-License-Identifier: MIT
// Classes whose instances are called by the vectorcall protocol (PEP 590): no tuple, no dict, no overload resolution.
#pragma once

#include <pybind11/pybind11.h>

namespace cujitsu::python {

namespace py = pybind11;

/// To be given to py::class_: every instance gets `Call` as its vectorcall function, in a pointer behind pybind11's own
/// part of the object.
template <vectorcallfunc Call>
[[nodiscard]] py::custom_type_setup vectorcall_setup() {
  return py::custom_type_setup([](PyHeapTypeObject* heap_type) {
    auto* type = &heap_type->ht_type;
    type->tp_vectorcall_offset = type->tp_basicsize;
    type->tp_basicsize += static_cast<Py_ssize_t>(sizeof(vectorcallfunc));
    type->tp_call = PyVectorcall_Call;
    type->tp_alloc = [](PyTypeObject* allocated, Py_ssize_t items) -> PyObject* {
      PyObject* object = PyType_GenericAlloc(allocated, items);
      if (object != nullptr)
        *reinterpret_cast<vectorcallfunc*>(reinterpret_cast<char*>(object) + allocated->tp_vectorcall_offset) = Call;
      return object;
    };
    type->tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL;
  });
}

/// After the last def: giving a class a __call__, which its documentation needs, makes Python call it by that.
inline void finish_vectorcall(const py::handle& registered) {
  auto* type = reinterpret_cast<PyTypeObject*>(registered.ptr());
  type->tp_call = PyVectorcall_Call;
  type->tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL;
  PyType_Modified(type);
}

/// Runs `work`, and turns what it throws into the Python exception that pybind11 would raise; then returns nullptr.
template <class Work>
[[nodiscard]] PyObject* translating(const Work& work) noexcept {
  try {
    return work();
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (...) {
    py::detail::try_translate_exceptions();
  }
  return nullptr;
}

}  // namespace cujitsu::python
