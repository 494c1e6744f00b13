// SPDX-License-Identifier: MIT
#include "python_numbers.hpp"

#include <limits>

namespace cujitsu::python {

bool has_dtype(py::handle value) { return py::hasattr(value, "dtype") && py::hasattr(value, "shape"); }

bool is_numpy_scalar(py::handle value) { return has_dtype(value) && py::len(value.attr("shape")) == 0; }

bool is_ctypes_number(py::handle value) {
  const py::handle type = py::type::handle_of(value);
  return py::hasattr(type, "_type_") && PyUnicode_Check(py::object(type.attr("_type_")).ptr()) &&
         py::hasattr(value, "value");
}

py::object plain_value(py::handle value) {
  if (PyLong_CheckExact(value.ptr()) || PyFloat_CheckExact(value.ptr()))
    return py::reinterpret_borrow<py::object>(value);
  if (is_numpy_scalar(value)) {
    return value.attr("item")();  // a long double and the types of extensions (ml_dtypes.bfloat16) stay what they are
  }
  if (is_ctypes_number(value)) return value.attr("value");
  return py::reinterpret_borrow<py::object>(value);
}

std::optional<Magnitude> magnitude(const py::object& integer) {
  int overflow = 0;
  const long long value = PyLong_AsLongLongAndOverflow(integer.ptr(), &overflow);
  if (overflow == 0)
    return Magnitude{value < 0, value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value)};
  const auto positive = overflow > 0 ? integer : py::reinterpret_steal<py::object>(PyNumber_Negative(integer.ptr()));
  if (!positive) throw py::error_already_set();
  const auto result = PyLong_AsUnsignedLongLong(positive.ptr());
  if (PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    return std::nullopt;
  }
  return Magnitude{overflow < 0, result};
}

}  // namespace cujitsu::python
