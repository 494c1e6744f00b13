// SPDX-License-Identifier: MIT
// Small Python integers without a call.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>

namespace cujitsu::python {

/// Whether `object` is an int, no subclass, of one digit; then `value` is it.
[[nodiscard]] inline bool small_integer(PyObject* object, std::int64_t& value) noexcept {
  if (!PyLong_CheckExact(object)) return false;
#if PY_VERSION_HEX >= 0x030C0000
  const auto* integer = reinterpret_cast<PyLongObject*>(object);
  if (!PyUnstable_Long_IsCompact(integer)) return false;
  value = PyUnstable_Long_CompactValue(integer);
  return true;
#else
  const auto size = Py_SIZE(object);
  if (size < -1 || size > 1) return false;
  value = size == 0 ? 0 : size * static_cast<std::int64_t>(reinterpret_cast<PyLongObject*>(object)->ob_digit[0]);
  return true;
#endif
}

/// Whether `object` is an int, no subclass, greater than 0 and of one digit: less than 2^30. Then `value` is it.
[[nodiscard]] inline bool one_digit(PyObject* object, std::uint32_t& value) noexcept {
#if PY_VERSION_HEX >= 0x030C0000
  std::int64_t integer = 0;
  if (!small_integer(object, integer) || integer <= 0) return false;
  value = static_cast<std::uint32_t>(integer);
#else
  if (!PyLong_CheckExact(object) || Py_SIZE(object) != 1) return false;
  value = reinterpret_cast<PyLongObject*>(object)->ob_digit[0];
#endif
  return true;
}

}  // namespace cujitsu::python
