// SPDX-License-Identifier: MIT
#include "scalar_arguments.hpp"

#include "text_conversion.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

namespace cujitsu::python {
namespace {

constexpr std::size_t largest_integer = sizeof(std::uint64_t);

[[noreturn]] void refuse(const std::string& place, py::handle value, std::string_view advice) {
  throw ArgumentError(fmt::format("{}: given {}; {}", place, describe(value), advice), ArgumentError::Kind::type);
}

[[noreturn]] void out_of_range(const std::string& place, py::handle value, const std::string& range) {
  throw ArgumentError(fmt::format("{}: {} is out of range ({})", place, describe(value), range));
}

bool has_dtype(py::handle value) { return py::hasattr(value, "dtype") && py::hasattr(value, "shape"); }

bool is_numpy_scalar(py::handle value) { return has_dtype(value) && py::len(value.attr("shape")) == 0; }

// ctypes.c_int(5) and its like.
bool is_ctypes_number(py::handle value) {
  const py::handle type = py::type::handle_of(value);
  return py::hasattr(type, "_type_") && PyUnicode_Check(py::object(type.attr("_type_")).ptr()) &&
         py::hasattr(value, "value");
}

// The Python number in a numpy scalar, a 0-d array or a ctypes number; other values as they are.
py::object plain_value(py::handle value) {
  if (!PyLong_CheckExact(value.ptr()) && !PyFloat_CheckExact(value.ptr())) {
    if (is_numpy_scalar(value)) {
      const py::object item = value.attr("item")();
      // numpy has no Python number for a long double.
      return has_dtype(item) && PyNumber_Check(item.ptr()) && !PyIndex_Check(item.ptr()) ? py::object(py::float_(item))
                                                                                         : item;
    }
    if (is_ctypes_number(value)) return value.attr("value");
  }
  return py::reinterpret_borrow<py::object>(value);
}

enum class Range { either_sign, with_sign, without_sign, boolean };

// What PTX alone knows, enumerations and plain char, whose sign C leaves open, take both.
Range range_of(std::string_view c_type) {
  if (c_type == "bool") return Range::boolean;
  if (c_type.starts_with("unsigned") || c_type == "char8_t" || c_type == "char16_t" || c_type == "char32_t") {
    return Range::without_sign;
  }
  for (const std::string_view name : {"signed char", "short", "int", "long", "long long"}) {
    if (c_type == name) return Range::with_sign;
  }
  return Range::either_sign;
}

std::uint64_t integer_bits(const std::string& place, const ParameterType& parameter, const py::object& value) {
  const auto bits = static_cast<unsigned>(8 * parameter.size);
  const Range range = range_of(parameter.c_type);
  const std::int64_t smallest = range == Range::without_sign || range == Range::boolean
                                    ? 0
                                    : std::numeric_limits<std::int64_t>::min() >> (64 - bits);
  std::uint64_t largest = std::numeric_limits<std::uint64_t>::max() >> (64 - bits);
  if (range == Range::with_sign) largest >>= 1U;
  if (range == Range::boolean) largest = 1;

  int overflow = 0;
  const long long with_sign = PyLong_AsLongLongAndOverflow(value.ptr(), &overflow);
  if (overflow == 0 && with_sign < 0 && with_sign >= smallest) return static_cast<std::uint64_t>(with_sign);
  if (overflow == 0 && with_sign >= 0 && static_cast<std::uint64_t>(with_sign) <= largest) {
    return static_cast<std::uint64_t>(with_sign);
  }
  if (overflow > 0) {
    const std::uint64_t without_sign = PyLong_AsUnsignedLongLong(value.ptr());
    if (PyErr_Occurred() == nullptr && without_sign <= largest) return without_sign;
    PyErr_Clear();
  }
  out_of_range(place, value, fmt::format("{} to {}", smallest, largest));
}

void convert_integer(const std::string& place, const ParameterType& parameter, py::handle value,
                     std::byte* destination) {
  const py::object number = plain_value(value);
  if (PyFloat_Check(number.ptr())) {
    refuse(place, value, "an integer parameter takes no floating-point number; convert it with int() or round()");
  }
  if (!PyIndex_Check(number.ptr()) || is_host_array(number)) {
    refuse(place, value, "this parameter takes an integer by value");
  }
  if (parameter.size > largest_integer) refuse(place, value, fmt::format("pass bytes of size {}", parameter.size));
  const auto integer = py::reinterpret_steal<py::object>(PyNumber_Index(number.ptr()));
  if (!integer) throw py::error_already_set();
  const std::uint64_t bits = integer_bits(place, parameter, integer);
  std::memcpy(destination, &bits, parameter.size);  // little-endian, as the device is
}

double floating_value(const std::string& place, py::handle given, const py::object& number) {
  const bool is_number = PyNumber_Check(number.ptr()) && !PyComplex_Check(number.ptr()) && !is_host_array(number);
  if (!is_number) refuse(place, given, "this parameter takes a number by value");
  const double value = PyFloat_AsDouble(number.ptr());
  if (value == -1.0 && PyErr_Occurred() != nullptr) {
    const bool too_large = PyErr_ExceptionMatches(PyExc_OverflowError) != 0;
    PyErr_Clear();
    if (too_large) out_of_range(place, given, "of a double");
    refuse(place, given, "this parameter takes a number by value");
  }
  return value;
}

void convert_floating(const std::string& place, const ParameterType& parameter, py::handle value,
                      std::byte* destination) {
  const double number = floating_value(place, value, plain_value(value));
  if (parameter.size == sizeof(double)) {
    std::memcpy(destination, &number, sizeof number);
    return;
  }
  const auto narrow = static_cast<float>(number);
  if (std::isfinite(number) && !std::isfinite(narrow)) out_of_range(place, value, "of a float");
  std::memcpy(destination, &narrow, sizeof narrow);
}

void convert_address(const std::string& place, py::handle value, std::byte* destination) {
  const py::object number = plain_value(value);
  if (PyBool_Check(number.ptr()) || !PyIndex_Check(number.ptr())) {
    refuse(place, value,
           "a pointer takes a DeviceBuffer, a DeviceSpan, an object with __cuda_array_interface__, an integer address, "
           "None, or In, Out or InOut of a host array");
  }
  const auto integer = py::reinterpret_steal<py::object>(PyNumber_Index(number.ptr()));
  if (!integer) throw py::error_already_set();
  const std::uint64_t address = PyLong_AsUnsignedLongLong(integer.ptr());
  if (PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    out_of_range(place, value, "an address has 64 bits and no sign");
  }
  std::memcpy(destination, &address, sizeof address);
}

// Bytes that must be exactly the parameter's.
void copy_exactly(const std::string& place, const ParameterType& parameter, py::handle value, const void* bytes,
                  std::size_t size, std::byte* destination) {
  if (size != parameter.size) {
    refuse(place, value, fmt::format("the parameter has {} bytes and this has {}", parameter.size, size));
  }
  std::memcpy(destination, bytes, size);
}

void copy_buffer(const std::string& place, const ParameterType& parameter, py::handle value, std::byte* destination) {
  Py_buffer view{};
  if (PyObject_GetBuffer(value.ptr(), &view, PyBUF_SIMPLE) != 0) {
    PyErr_Clear();
    refuse(place, value, "its memory is not contiguous");
  }
  struct Release {
    Py_buffer& view;
    ~Release() { PyBuffer_Release(&view); }
  } const release{view};
  copy_exactly(place, parameter, value, view.buf, static_cast<std::size_t>(view.len), destination);
}

template <class Real>
void write_complex(Py_complex value, std::byte* destination) {
  const Real parts[2] = {static_cast<Real>(value.real), static_cast<Real>(value.imag)};
  std::memcpy(destination, parts, sizeof parts);
}

void convert_aggregate(const std::string& place, const ParameterType& parameter, py::handle value,
                       std::byte* destination) {
  const py::object number = is_numpy_scalar(value) ? plain_value(value) : py::reinterpret_borrow<py::object>(value);
  if (PyComplex_Check(number.ptr())) {
    const Py_complex complex = PyComplex_AsCComplex(number.ptr());
    if (parameter.size == 2 * sizeof(float)) return write_complex<float>(complex, destination);
    if (parameter.size == 2 * sizeof(double)) return write_complex<double>(complex, destination);
    refuse(place, value, fmt::format("a complex number has 8 or 16 bytes and the parameter has {}", parameter.size));
  }
  if (PyObject_CheckBuffer(value.ptr())) return copy_buffer(place, parameter, value, destination);
  // Scalars of types that numpy knows by extension alone, such as ml_dtypes.bfloat16.
  if (is_numpy_scalar(value) && py::hasattr(value, "tobytes")) {
    const std::string bytes = py::cast<py::bytes>(value.attr("tobytes")());
    return copy_exactly(place, parameter, value, bytes.data(), bytes.size(), destination);
  }
  refuse(
      place, value,
      fmt::format("a struct by value takes a numpy record, a ctypes structure or bytes, of {} bytes", parameter.size));
}

}  // namespace

void convert_scalar(const std::string& place, const ParameterType& parameter, py::handle value,
                    std::byte* destination) {
  const bool is_bytes = PyBytes_Check(value.ptr()) || PyByteArray_Check(value.ptr());
  if (is_bytes && parameter.kind != ParameterKind::pointer) return copy_buffer(place, parameter, value, destination);
  switch (parameter.kind) {
    case ParameterKind::integer: return convert_integer(place, parameter, value, destination);
    case ParameterKind::floating: return convert_floating(place, parameter, value, destination);
    case ParameterKind::pointer: return convert_address(place, value, destination);
    case ParameterKind::aggregate: return convert_aggregate(place, parameter, value, destination);
  }
}

bool takes_pointer(const ParameterType& parameter) noexcept {
  if (parameter.kind == ParameterKind::pointer) return true;
  return parameter.kind == ParameterKind::integer && parameter.size == sizeof(DevicePointer) &&
         parameter.c_type.empty();
}

bool is_host_array(py::handle value) {
  if (has_dtype(value)) return py::len(value.attr("shape")) > 0;
  return PyObject_CheckBuffer(value.ptr()) && !is_ctypes_number(value);
}

}  // namespace cujitsu::python
