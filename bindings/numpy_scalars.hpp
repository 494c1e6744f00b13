// SPDX-License-Identifier: MIT
// numpy's scalars without a call into numpy: for the launch path.
#pragma once

#include <pybind11/pybind11.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace cujitsu::python {

enum class NumpyType : std::uint8_t {
  int8,
  uint8,
  int16,
  uint16,
  int32,
  uint32,
  int64,
  long_long,
  boolean,
  float32,
  float64
};

namespace detail {
/// The classes as numpy_scalar met them; they are immortal, so their addresses stay theirs.
inline constinit std::array<std::atomic<PyTypeObject*>, 11> numpy_classes{};
}  // namespace detail

/// Whether `object` is of that class, for classes that numpy_scalar has met.
template <NumpyType Type>
[[nodiscard]] bool is_numpy(PyObject* object) noexcept {
  return detail::numpy_classes[static_cast<std::size_t>(Type)].load(std::memory_order_relaxed) == Py_TYPE(object);
}

/// What numpy keeps behind the object's head, of a class whose values are of type T.
template <class T>
[[nodiscard]] T numpy_value(PyObject* object) noexcept {
  T value;
  std::memcpy(&value, reinterpret_cast<const char*>(object) + sizeof(PyObject), sizeof value);
  return value;
}

/// A number in a numpy scalar.
struct NumpyScalar {
  enum class Kind : std::uint8_t { none, integer, real };
  Kind kind = Kind::none;
  std::int64_t integer = 0;
  double real = 0;
};

/// Of numpy.int8 … int64, uint8 … uint32, bool, float32 and float64, no classes derived from them; `none` for all else
/// (uint64 too, whose values do not all fit). Their layout is part of numpy's C interface (numpy/arrayscalars.h).
[[nodiscard]] NumpyScalar numpy_scalar(PyObject* object) noexcept;

}  // namespace cujitsu::python
