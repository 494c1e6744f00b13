// SPDX-License-Identifier: MIT
#include "numbers.hpp"

#include "text_conversion.hpp"

#include <cujitsu/errors.hpp>
#include <cujitsu/stream.hpp>

#include <fmt/format.h>

#include <limits>

namespace cujitsu::python {
namespace {

constexpr auto type_kind = ArgumentError::Kind::type;

// The value as a Python int. A bool or a float here is nearly always a mistake, so neither is taken.
py::int_ integer_argument(std::string_view function, std::string_view what, py::handle value) {
  if (PyBool_Check(value.ptr()) || !PyIndex_Check(value.ptr())) {
    const bool is_real = PyFloat_Check(value.ptr()) != 0;
    throw ArgumentError(fmt::format("{}(): {} must be an integer, not {}{}", function, what, describe(value),
                                    is_real ? "; divide with //" : ""),
                        type_kind);
  }
  PyObject* integer = PyNumber_Index(value.ptr());
  // An array of several integers has __index__ as well, and raises a TypeError of numpy's own.
  if (integer == nullptr) {
    PyErr_Clear();
    throw ArgumentError(fmt::format("{}(): {} must be an integer, not {}", function, what, describe(value)), type_kind);
  }
  return py::reinterpret_steal<py::int_>(integer);
}

[[noreturn]] void out_of_range(std::string_view function, std::string_view what, py::handle value,
                               std::string_view range) {
  throw ArgumentError(fmt::format("{}(): {} is {}, which is out of range ({})", function, what,
                                  py::cast<std::string>(py::str(value)), range));
}

}  // namespace

std::uint64_t unsigned_argument(std::string_view function, std::string_view what, py::handle value,
                                std::uint64_t largest) {
  const py::int_ integer = integer_argument(function, what, value);
  const auto result = PyLong_AsUnsignedLongLong(integer.ptr());
  const bool overflows = PyErr_Occurred() != nullptr;
  PyErr_Clear();
  if (overflows || result > largest) out_of_range(function, what, integer, fmt::format("0 to {}", largest));
  return result;
}

std::size_t size_argument(std::string_view function, std::string_view what, py::handle value) {
  return unsigned_argument(function, what, value, std::numeric_limits<std::int64_t>::max());
}

std::uint64_t wrapped_argument(std::string_view function, std::string_view what, py::handle value, std::size_t size) {
  const py::int_ integer = integer_argument(function, what, value);
  const auto bits = static_cast<unsigned>(8 * size);
  const std::uint64_t largest = bits == 64 ? UINT64_MAX : (std::uint64_t{1} << bits) - 1;
  const auto smallest = std::numeric_limits<std::int64_t>::min() >> (64 - bits);

  int overflow = 0;
  const long long as_signed = PyLong_AsLongLongAndOverflow(integer.ptr(), &overflow);
  if (overflow == 0 && as_signed < 0 && as_signed >= smallest) return static_cast<std::uint64_t>(as_signed) & largest;
  if (overflow >= 0 && (overflow > 0 || as_signed >= 0)) {
    const auto result = PyLong_AsUnsignedLongLong(integer.ptr());
    const bool overflows = PyErr_Occurred() != nullptr;
    PyErr_Clear();
    if (!overflows && result <= largest) return result;
  }
  out_of_range(function, what, integer, fmt::format("{} to {}", smallest, largest));
}

StreamHandle stream_argument(std::string_view function, py::handle value) {
  if (!value || value.is_none()) return nullptr;
  if (py::isinstance<Stream>(value)) return py::cast<const Stream&>(value).handle();
  if (PyLong_Check(value.ptr()) && !PyBool_Check(value.ptr())) {
    return to_stream_handle(unsigned_argument(function, "stream", value));
  }
  if (py::hasattr(value, "__cuda_stream__")) {
    const py::object pair = value.attr("__cuda_stream__")();
    if (!PyTuple_Check(pair.ptr()) || py::len(pair) != 2) {
      throw ArgumentError(fmt::format("{}(): {}.__cuda_stream__() must return (version, handle), not {}", function,
                                      type_name(value), describe(pair)),
                          type_kind);
    }
    return to_stream_handle(unsigned_argument(function, "stream handle", pair[py::int_(1)]));
  }
  // torch.cuda.Stream and cupy.cuda.Stream of versions before the protocol.
  for (const char* attribute : {"cuda_stream", "ptr"}) {
    if (!py::hasattr(value, attribute)) continue;
    return to_stream_handle(unsigned_argument(function, "stream handle", value.attr(attribute)));
  }
  throw ArgumentError(fmt::format("{}(): stream must be a Stream, a handle as an integer, None or an object with "
                                  "__cuda_stream__, not {}",
                                  function, describe(value)),
                      type_kind);
}

}  // namespace cujitsu::python
