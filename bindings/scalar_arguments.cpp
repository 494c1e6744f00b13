// SPDX-License-Identifier: MIT
#include "scalar_arguments.hpp"

#include "narrow_float.hpp"
#include "python_numbers.hpp"
#include "text_conversion.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace cujitsu::python {
namespace {

using Kind = ElementType::Kind;
using Sign = ElementType::Sign;

/// A place, and the lane of a vector there.
struct Target {
  const ArgumentPlace& place;
  int lane = -1;

  [[nodiscard]] std::string text() const {
    return lane < 0 ? place.to_string() : fmt::format("{}: lane {}", place.to_string(), "xyzw"[lane]);
  }
};

[[noreturn]] void refuse(const Target& target, py::handle value, std::string_view advice) {
  throw ArgumentError(fmt::format("{}: given {}; {}", target.text(), describe(value), advice),
                      ArgumentError::Kind::type);
}

[[noreturn]] void out_of_range(const Target& target, py::handle value, std::string_view range) {
  throw ArgumentError(fmt::format("{}: {} is out of range ({})", target.text(), describe(value), range));
}

py::object index_of(const py::object& number) {
  auto integer = py::reinterpret_steal<py::object>(PyNumber_Index(number.ptr()));
  if (!integer) throw py::error_already_set();
  return integer;
}

/// 2 to the power of `bits`, less one.
std::string largest_text(unsigned bits) {
  const auto one = py::int_(1);
  return py::cast<std::string>(py::str((one << py::int_(bits)) - one));
}

[[noreturn]] void out_of_integer_range(const Target& target, const ElementType& element, py::handle value) {
  const unsigned bits = 8 * element.lane_size();
  switch (element.sign) {
    case Sign::boolean: out_of_range(target, value, "0 to 1");
    case Sign::without_sign: out_of_range(target, value, fmt::format("0 to {}", largest_text(bits)));
    case Sign::with_sign:
    case Sign::either: break;
  }
  const auto least = py::cast<std::string>(py::str(-(py::int_(1) << py::int_(bits - 1))));
  out_of_range(target, value,
               fmt::format("{} to {}", least, largest_text(element.sign == Sign::either ? bits : bits - 1)));
}

/// An integer of more than 64 bits, by Python's own arithmetic.
void write_wide_integer(const Target& target, const ElementType& element, py::handle value, const py::object& integer,
                        std::byte* destination) {
  const auto size = element.lane_size();
  const bool is_signed = element.sign == Sign::with_sign || (element.sign == Sign::either && (integer < py::int_(0)));
  try {
    const std::string bytes =
        py::cast<py::bytes>(integer.attr("to_bytes")(size, "little", py::arg("signed") = is_signed));
    std::memcpy(destination, bytes.data(), size);
  } catch (const py::error_already_set& error) {
    if (!error.matches(PyExc_OverflowError)) throw;
    out_of_integer_range(target, element, value);
  }
}

void write_integer(const Target& target, const ElementType& element, py::handle value, const py::object& integer,
                   std::byte* destination) {
  const auto size = element.lane_size();
  if (size > sizeof(std::uint64_t)) return write_wide_integer(target, element, value, integer, destination);
  const auto number = magnitude(integer);
  const unsigned bits = 8 * size;
  std::uint64_t largest = ~std::uint64_t{0} >> (64 - bits);
  std::uint64_t least = std::uint64_t{1} << (bits - 1);  // below zero
  switch (element.sign) {
    case Sign::boolean:
      largest = 1;
      least = 0;
      break;
    case Sign::without_sign: least = 0; break;
    case Sign::with_sign: largest >>= 1; break;
    case Sign::either: break;
  }
  if (!number || number->value > (number->negative ? least : largest)) out_of_integer_range(target, element, value);
  const std::uint64_t encoded = number->negative ? 0 - number->value : number->value;
  std::memcpy(destination, &encoded, size);  // little-endian, as the device is
}

void convert_integer(const Target& target, const ElementType& element, py::handle value, std::byte* destination) {
  const py::object number = plain_value(value);
  if (PyFloat_Check(number.ptr()))
    refuse(target, value, "an integer parameter takes no floating-point number; convert it with int() or round()");
  if (!PyIndex_Check(number.ptr()) || is_host_array(number))
    refuse(target, value, "this parameter takes an integer by value");
  write_integer(target, element, value, index_of(number), destination);
}

/// The value of an integer or a long double of any size as a double that rounds to narrower formats as the value itself:
/// where it is inexact, its last bit is one. Throws OverflowError as float() does.
double narrowable_double(const py::object& number) {
  const double nearest = PyFloat_AsDouble(number.ptr());
  if (nearest == -1.0 && PyErr_Occurred() != nullptr) throw py::error_already_set();
  if (!std::isfinite(nearest)) return nearest;
  const auto back = py::type::of(number)(nearest);
  if (number.equal(back) || (std::bit_cast<std::uint64_t>(nearest) & 1) != 0) return nearest;
  return std::nextafter(nearest, number > back ? HUGE_VAL : -HUGE_VAL);
}

/// A number that rounds to the parameter's format as the given one does.
double real_value(const Target& target, py::handle given) try {
  const py::object number = plain_value(given);
  if (PyFloat_Check(number.ptr())) return PyFloat_AS_DOUBLE(number.ptr());
  if (has_dtype(number)) return narrowable_double(number);
  const bool is_real = PyNumber_Check(number.ptr()) && !PyComplex_Check(number.ptr()) && !is_host_array(number);
  if (!is_real) refuse(target, given, "this parameter takes a number by value");
  if (PyIndex_Check(number.ptr())) {
    const auto integer = index_of(number);
    if (const auto exact = magnitude(integer)) return to_narrowable_double(exact->negative, exact->value);
    return narrowable_double(integer);
  }
  const double value = PyFloat_AsDouble(number.ptr());
  if (value != -1.0 || PyErr_Occurred() == nullptr) return value;
  throw py::error_already_set();
} catch (const py::error_already_set& error) {
  if (error.matches(PyExc_OverflowError)) out_of_range(target, given, "of a double");
  if (!error.matches(PyExc_TypeError) && !error.matches(PyExc_ValueError)) throw;
  refuse(target, given, "this parameter takes a number by value");
}

void write_real(const ElementType& element, double value, std::byte* destination) {
  const auto write = [&](const auto& encoded) { std::memcpy(destination, &encoded, sizeof encoded); };
  if (element.kind == Kind::bfloat) return write(to_bfloat16(value));
  switch (element.lane_size()) {
    case sizeof(std::uint16_t): return write(to_half(value));
    case sizeof(float): return write(static_cast<float>(value));
    default: return write(value);
  }
}

/// A double takes an integer rounded once, to nearest.
double double_value(const Target& target, py::handle given) {
  const py::object number = plain_value(given);
  if (!PyIndex_Check(number.ptr()) || is_host_array(number)) return real_value(target, given);
  const double value = PyLong_AsDouble(index_of(number).ptr());
  if (value == -1.0 && PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    out_of_range(target, given, "of a double");
  }
  return value;
}

void convert_real(const Target& target, const ElementType& element, py::handle value, std::byte* destination) {
  const bool is_double = element.lane_size() == sizeof(double);
  write_real(element, is_double ? double_value(target, value) : real_value(target, value), destination);
}

void write_complex(const Py_complex& value, std::uint32_t size, std::byte* destination) {
  const ElementType half{Kind::floating, Sign::either, 1, false, size / 2};
  write_real(half, value.real, destination);
  write_real(half, value.imag, destination + size / 2);
}

/// Whether `value` is a complex number; then its bytes are written.
bool convert_complex_number(std::uint32_t size, py::handle value, std::byte* destination) {
  const py::object number = is_numpy_scalar(value) ? plain_value(value) : py::reinterpret_borrow<py::object>(value);
  if (PyComplex_Check(number.ptr())) {
    write_complex(PyComplex_AsCComplex(number.ptr()), size, destination);
    return true;
  }
  // numpy's complex256 stays what it is.
  if (!has_dtype(number) || py::cast<std::string>(number.attr("dtype").attr("kind")) != "c") return false;
  const auto complex = PyComplex_AsCComplex(number.ptr());
  if (complex.real == -1.0 && PyErr_Occurred() != nullptr) throw py::error_already_set();
  write_complex(complex, size, destination);
  return true;
}

/// Bytes that must be exactly the parameter's.
void copy_exactly(const Target& target, py::handle value, const void* bytes, std::size_t size, std::byte* destination) {
  const auto wanted = target.place.parameter().size;
  if (size != wanted) {
    const bool is_record = is_numpy_scalar(value) && !py::object(value.attr("dtype").attr("names")).is_none();
    refuse(target, value,
           fmt::format("the parameter has {} bytes and this has {}{}", wanted, size,
                       is_record && size < wanted ? "; numpy leaves out a struct's padding unless its dtype is made "
                                                    "with align=True"
                                                  : ""));
  }
  std::memcpy(destination, bytes, size);
}

void copy_buffer(const Target& target, py::handle value, std::byte* destination) {
  Py_buffer view{};
  if (PyObject_GetBuffer(value.ptr(), &view, PyBUF_SIMPLE) != 0) {
    PyErr_Clear();
    refuse(target, value, "its memory is not contiguous");
  }
  struct Release {
    Py_buffer& view;
    ~Release() { PyBuffer_Release(&view); }
  } const release{view};
  copy_exactly(target, value, view.buf, static_cast<std::size_t>(view.len), destination);
}

bool is_byte_string(py::handle value) {
  return PyBytes_Check(value.ptr()) || PyByteArray_Check(value.ptr()) || PyMemoryView_Check(value.ptr());
}

/// A record, a ctypes structure or a string of bytes: something with just the parameter's memory.
bool has_struct_bytes(py::handle value) {
  if (is_byte_string(value)) return true;
  // The types of extensions, such as ml_dtypes.bfloat16, have the kind "V" of a record too.
  if (has_dtype(value))
    return is_numpy_scalar(value) &&
           (!py::object(value.attr("dtype").attr("names")).is_none() ||
            py::cast<std::string>(value.attr("dtype").attr("type").attr("__name__")) == "void");
  if (!PyObject_CheckBuffer(value.ptr()) || is_ctypes_number(value)) return false;
  const py::object metaclass = py::type::of(py::type::of(value));
  return py::cast<std::string>(py::str(py::getattr(metaclass, "__module__", py::str("")))) == "_ctypes";
}

constexpr std::string_view struct_advice =
    "a struct by value takes a numpy record, a ctypes structure or bytes, of {} bytes";

void convert_struct(const Target& target, py::handle value, std::byte* destination) {
  const auto& parameter = target.place.parameter();
  const bool may_be_complex = parameter.size == 8 || parameter.size == 16;
  if (may_be_complex && convert_complex_number(static_cast<std::uint32_t>(parameter.size), value, destination)) return;
  if (has_struct_bytes(value)) return copy_buffer(target, value, destination);
  // PTX alone has a half as two bytes: a number of two bytes that numpy or an extension made can be nothing else.
  if (parameter.c_type.empty() && parameter.size == 2 && is_numpy_scalar(value) && !PyIndex_Check(value.ptr()) &&
      PyNumber_Check(value.ptr())) {
    const std::string bytes = py::cast<py::bytes>(value.attr("tobytes")());
    return copy_exactly(target, value, bytes.data(), bytes.size(), destination);
  }
  refuse(target, value, fmt::format(fmt::runtime(struct_advice), parameter.size));
}

void convert_lane(const Target& target, const ElementType& lane, py::handle value, std::byte* destination) {
  if (lane.kind == Kind::integer) return convert_integer(target, lane, value, destination);
  convert_real(target, lane, value, destination);
}

void convert_vector(const Target& target, const ElementType& element, py::handle value, std::byte* destination) {
  const bool is_pair = element.kind == Kind::floating && element.lanes == 2 && element.lane_size() >= sizeof(float);
  if (is_pair && convert_complex_number(element.size, value, destination)) return;
  if (has_struct_bytes(value)) return copy_buffer(target, value, destination);
  if (!PyTuple_Check(value.ptr()) && !PyList_Check(value.ptr())) {
    refuse(target, value,
           fmt::format("a vector of {} takes a tuple of {} numbers{}{}", element.lanes, element.lanes,
                       is_pair ? ", a complex number" : "",
                       is_host_array(value) ? ": pass tuple(a) for an array a" : ", a record or bytes"));
  }
  const auto lanes = py::reinterpret_borrow<py::sequence>(value);
  if (lanes.size() != element.lanes)
    refuse(target, value, fmt::format("it takes {} numbers and this has {}", element.lanes, lanes.size()));
  const ElementType lane{element.kind, element.sign, 1, false, element.lane_size()};
  for (int i = 0; i < element.lanes; ++i) {
    const py::object item = lanes[static_cast<std::size_t>(i)];
    convert_lane({target.place, i}, lane, item, destination + static_cast<std::size_t>(i) * lane.size);
  }
}

void convert_complex(const Target& target, const ElementType& element, py::handle value, std::byte* destination) {
  if (convert_complex_number(element.size, value, destination)) return;
  if (has_struct_bytes(value)) return copy_buffer(target, value, destination);
  const ElementType half{Kind::floating, Sign::either, 1, false, element.size / 2};
  convert_real(target, half, value, destination);
  std::memset(destination + half.size, 0, half.size);
}

/// Of which only the size is known: the value says what it is.
void convert_unknown(const Target& target, py::handle value, std::byte* destination) {
  const auto size = static_cast<std::uint32_t>(target.place.parameter().size);
  const py::object number = plain_value(value);
  if (PyFloat_Check(number.ptr()) && (size == 2 || size == 4 || size == 8))
    return convert_real(target, {Kind::floating, Sign::either, 1, false, size}, value, destination);
  if (PyIndex_Check(number.ptr()) && !is_host_array(number) && (size <= 16))
    return convert_integer(target, {Kind::integer, Sign::either, 1, false, size}, value, destination);
  convert_struct(target, value, destination);
}

}  // namespace

void convert_value(const ArgumentPlace& place, const ElementType& element, py::handle value, std::byte* destination) {
  const Target target{place};
  const auto& parameter = place.parameter();
  if (parameter.kind == ParameterKind::unknown && element.kind == Kind::unknown)
    return convert_unknown(target, value, destination);
  if (element.kind == Kind::unknown) return convert_struct(target, value, destination);
  if (element.is_vector) return convert_vector(target, element, value, destination);
  if (is_byte_string(value)) return copy_buffer(target, value, destination);
  switch (element.kind) {
    case Kind::integer: return convert_integer(target, element, value, destination);
    case Kind::floating:
    case Kind::bfloat: return convert_real(target, element, value, destination);
    case Kind::complex: return convert_complex(target, element, value, destination);
    case Kind::unknown:
    case Kind::any: return convert_struct(target, value, destination);
  }
}

void convert_address(const ArgumentPlace& place, py::handle value, std::byte* destination) {
  const Target target{place};
  const py::object number = plain_value(value);
  if (PyBool_Check(number.ptr()) || !PyIndex_Check(number.ptr())) {
    refuse(target, value,
           "a pointer takes a DeviceBuffer, a DeviceSpan, an object with __cuda_array_interface__ or __dlpack__, an "
           "integer address, None, or In, Out or InOut of a host array");
  }
  const auto address = magnitude(index_of(number));
  if (!address || address->negative) out_of_range(target, value, "an address has 64 bits and no sign");
  std::memcpy(destination, &address->value, sizeof address->value);
}

bool is_host_array(py::handle value) {
  if (has_dtype(value)) return py::len(value.attr("shape")) > 0;
  return PyObject_CheckBuffer(value.ptr()) && !is_ctypes_number(value);
}

}  // namespace cujitsu::python
