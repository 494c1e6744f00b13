// SPDX-License-Identifier: MIT
#include "cache_listing.hpp"

#include "cli/quantities.hpp"
#include "text_conversion.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <cmath>

namespace cujitsu::python {
namespace {

[[noreturn]] void refuse(const std::string& function, const char* name, std::string_view expected, py::handle given,
                         ArgumentError::Kind kind) {
  throw ArgumentError(fmt::format("{}(): {} must be {}, not {}", function, name, expected, describe(given)), kind);
}

/// Nothing for what is no number; NaN too is none.
std::optional<double> number(py::handle value) {
  if (PyBool_Check(value.ptr())) return std::nullopt;
  const double result = PyFloat_AsDouble(value.ptr());
  if (result == -1 && PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    return std::nullopt;
  }
  return std::isnan(result) ? std::nullopt : std::optional(result);
}

}  // namespace

ListingOfEntries listing(const std::vector<CacheSummary>& entries, bool with_origin) {
  py::list items;
  for (const auto& entry : entries) items.append(entry);
  return py::module_::import("cujitsu.tables").attr("CacheListing")(std::move(items), with_origin);
}

std::optional<std::chrono::seconds> duration(const std::string& function, const char* name, const py::object& value) {
  constexpr const char* expected = "seconds, a text such as '12h' or '7d', or a timedelta";
  if (value.is_none()) return std::nullopt;
  if (PyUnicode_Check(value.ptr())) {
    if (const auto parsed = cli::parse_duration(py::cast<std::string>(value))) return parsed;
    refuse(function, name, expected, value, ArgumentError::Kind::value);
  }
  const auto seconds = number(py::hasattr(value, "total_seconds") ? value.attr("total_seconds")() : value);
  if (!seconds) refuse(function, name, expected, value, ArgumentError::Kind::type);
  if (*seconds < 0 || *seconds > 1e11)
    refuse(function, name, "from 0 to 1e11 seconds", value, ArgumentError::Kind::value);
  return std::chrono::seconds(static_cast<std::int64_t>(*seconds));
}

std::optional<std::uint64_t> byte_count(const std::string& function, const char* name, const py::object& value) {
  constexpr const char* expected = "bytes, or a text such as '500M' or '1.5G'";
  if (value.is_none()) return std::nullopt;
  if (PyUnicode_Check(value.ptr())) {
    if (const auto parsed = cli::parse_bytes(py::cast<std::string>(value))) return parsed;
    refuse(function, name, expected, value, ArgumentError::Kind::value);
  }
  if (PyBool_Check(value.ptr()) || PyIndex_Check(value.ptr()) == 0)
    refuse(function, name, expected, value, ArgumentError::Kind::type);
  const auto integer = py::reinterpret_steal<py::object>(PyNumber_Index(value.ptr()));
  if (!integer) throw py::error_already_set();
  const auto bytes = PyLong_AsUnsignedLongLong(integer.ptr());
  if (PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    refuse(function, name, "0 or more bytes", value, ArgumentError::Kind::value);
  }
  return bytes;
}

}  // namespace cujitsu::python
