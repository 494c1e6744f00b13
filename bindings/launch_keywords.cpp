// SPDX-License-Identifier: MIT
#include "launch_keywords.hpp"

#include "attributes.hpp"
#include "keywords.hpp"
#include "numbers.hpp"
#include "small_integer.hpp"
#include "text_conversion.hpp"

#include "driver/context.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <limits>
#include <string>

namespace cujitsu::python {
namespace {

constexpr auto type_kind = ArgumentError::Kind::type;

[[noreturn, gnu::cold]] void refuse_keyword(const KernelInfo& kernel, PyObject* name, AllowedKeywords allowed) {
  const bool all = allowed == AllowedKeywords::all;
  const auto refuse = [&](std::initializer_list<std::string_view> names) {
    py::dict given;
    given[py::handle(name)] = py::none();
    check_keywords(kernel.name, py::reinterpret_borrow<py::kwargs>(given), names);
  };
  if (all)
    refuse({"grid", "block", "shared", "stream", "check", "time_kernel"});
  else
    refuse({"check", "time_kernel"});
  throw ArgumentError(fmt::format("{}() was given a keyword twice", kernel.name), type_kind);
}

/// Where the driver is there to be asked.
std::uint64_t limit_of(std::string_view what, int axis) {
  using namespace driver::device_attribute;  // NOLINT
  const bool is_block = what == "block";
  if (what != "grid" && !is_block) return std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint64_t>(
      driver::device_attribute_value((is_block ? max_block_dim_x : max_grid_dim_x) + axis, driver::current_device()));
}

std::uint32_t extent_of(std::string_view function, std::string_view what, int axis, bool is_tuple, PyObject* value) {
  std::int64_t extent = 0;
  if (small_integer(value, extent) && extent > 0 && extent <= std::numeric_limits<std::uint32_t>::max()) [[likely]]
    return static_cast<std::uint32_t>(extent);
  const auto name = is_tuple ? fmt::format("{}[{}]", what, axis) : std::string(what);
  if (PyBool_Check(value) || !PyIndex_Check(value)) {
    const auto expected = is_tuple ? "an integer" : "an integer or a tuple of one to three";
    throw ArgumentError(fmt::format("{}(): {} must be {}, not {}{}", function, name, expected, describe(value),
                                    PyFloat_Check(value) ? "; divide with //" : ""),
                        type_kind);
  }
  const auto integer = py::reinterpret_steal<py::object>(PyNumber_Index(value));
  if (!integer) {  // an array of several integers
    PyErr_Clear();
    throw ArgumentError(fmt::format("{}(): {} must be an integer, not {}", function, name, describe(value)), type_kind);
  }
  const auto result = PyLong_AsUnsignedLongLong(integer.ptr());
  const bool overflows = PyErr_Occurred() != nullptr;
  PyErr_Clear();
  if (overflows || result == 0 || result > std::numeric_limits<std::uint32_t>::max()) {
    throw ArgumentError(fmt::format("{}(): {} is {}, and must be from 1 to {}, the device's limit along {}", function,
                                    name, py::cast<std::string>(py::str(integer)), limit_of(what, axis), "xyz"[axis]));
  }
  return static_cast<std::uint32_t>(result);
}

}  // namespace

void prepare_launch_keywords() {
  detail::keyword_names = {interned("grid"),   interned("block"), interned("shared"),
                           interned("stream"), interned("check"), interned("time_kernel")};
}

void detail::read_keywords(const KernelInfo& kernel, PyObject* const* values, PyObject* names, Py_ssize_t first,
                           AllowedKeywords allowed, LaunchKeywords& result) {
  using Member = PyObject* LaunchKeywords::*;
  constexpr std::array<Member, 6> members{&LaunchKeywords::grid,   &LaunchKeywords::block,
                                          &LaunchKeywords::shared, &LaunchKeywords::stream,
                                          &LaunchKeywords::check,  &LaunchKeywords::time_kernel};
  constexpr std::size_t config_members = 4;  // the first ones
  const auto is_name = [](PyObject* known, PyObject* name) {
    return known == name || PyUnicode_Compare(known, name) == 0;  // a name made at run time is not interned
  };
  for (auto i = first; i < PyTuple_GET_SIZE(names); ++i) {
    PyObject* const name = PyTuple_GET_ITEM(names, i);
    std::size_t found = allowed == AllowedKeywords::all ? 0 : config_members;
    while (found < members.size() && !is_name(keyword_names.*members[found], name)) ++found;
    if (found == members.size()) refuse_keyword(kernel, name, allowed);
    result.*members[found] = values[i];
  }
}

void raise_no_block(const KernelInfo& kernel) {
  throw ArgumentError(
      fmt::format("{}(): block= is missing: the threads of a block, such as block=(256, 1, 1)", kernel.name),
      type_kind);
}

namespace detail {

Dim3 extents_of_any(std::string_view function, std::string_view what, PyObject* value) {
  const bool is_tuple = PyTuple_Check(value);
  if (!is_tuple && !PyList_Check(value)) return {extent_of(function, what, 0, false, value)};
  const auto count = Py_SIZE(value);
  if (count < 1 || count > 3) {
    throw ArgumentError(fmt::format("{}(): {} has {} dimensions; it takes one to three", function, what, count));
  }
  Dim3 result;
  std::uint32_t* const extents[] = {&result.x, &result.y, &result.z};
  for (Py_ssize_t i = 0; i < count; ++i) {
    // A list may change while its items are looked at: each is held.
    const auto item =
        py::reinterpret_borrow<py::object>(is_tuple ? PyTuple_GET_ITEM(value, i) : PyList_GetItem(value, i));
    if (!item) throw py::error_already_set();
    *extents[i] = extent_of(function, what, static_cast<int>(i), true, item.ptr());
  }
  return result;
}

}  // namespace detail

bool flag_of(std::string_view function, const char* name, PyObject* value, bool standard) {
  if (value == nullptr) return standard;
  if (value == Py_True) return true;
  if (value == Py_False) return false;
  throw ArgumentError(fmt::format("{}(): {} must be True or False, not {}", function, name, describe(value)),
                      type_kind);
}

}  // namespace cujitsu::python
