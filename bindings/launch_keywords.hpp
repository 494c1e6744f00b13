// SPDX-License-Identifier: MIT
// The keywords of a launch, read from a vectorcall.
#pragma once

#include "instance.hpp"
#include "numbers.hpp"
#include "small_integer.hpp"

#include <cujitsu/compiled_code.hpp>
#include <cujitsu/launch_config.hpp>
#include <cujitsu/stream.hpp>

#include <pybind11/pybind11.h>

#include <cstdint>
#include <string_view>

namespace cujitsu::python {

namespace py = pybind11;

/// Borrowed from the call; nullptr for one that was not given.
struct LaunchKeywords {
  PyObject* grid = nullptr;
  PyObject* block = nullptr;
  PyObject* shared = nullptr;
  PyObject* stream = nullptr;
  PyObject* check = nullptr;
  PyObject* time_kernel = nullptr;
};

/// What a caller may give besides arguments: everything, or what kernel[grid, block] has not said already.
enum class AllowedKeywords { all, beside_config };

/// To be called before the first of the functions below.
void prepare_launch_keywords();

namespace detail {
/// The names, interned and never given back.
inline LaunchKeywords keyword_names;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void read_keywords(const KernelInfo& kernel, PyObject* const* values, PyObject* names, Py_ssize_t first,
                   AllowedKeywords allowed, LaunchKeywords& result);
}  // namespace detail

/// `values` are what follows the positional arguments; `names` may be nullptr. Throws ArgumentError for an unknown
/// keyword, naming the one it is nearest to.
[[nodiscard]] inline LaunchKeywords launch_keywords(const KernelInfo& kernel, PyObject* const* values, PyObject* names,
                                                    AllowedKeywords allowed = AllowedKeywords::all) {
  LaunchKeywords result;
  if (names == nullptr) return result;
  const auto count = PyTuple_GET_SIZE(names);
  Py_ssize_t i = 0;
  if (allowed == AllowedKeywords::all) {  // mostly they come in this order
    const auto& known = detail::keyword_names;
    if (i < count && PyTuple_GET_ITEM(names, i) == known.grid) result.grid = values[i++];
    if (i < count && PyTuple_GET_ITEM(names, i) == known.block) result.block = values[i++];
    if (i < count && PyTuple_GET_ITEM(names, i) == known.shared) result.shared = values[i++];
    if (i < count && PyTuple_GET_ITEM(names, i) == known.stream) result.stream = values[i++];
  }
  if (i < count) [[unlikely]]
    detail::read_keywords(kernel, values, names, i, allowed, result);
  return result;
}

namespace detail {
[[nodiscard]] Dim3 extents_of_any(std::string_view function, std::string_view what, PyObject* value);

/// Of one to three small ints from 1 on, and nothing else. `extents` is (1, 1, 1) before, and of no use after a false.
[[nodiscard]] inline bool extents_fast(PyObject* value, Dim3& extents) noexcept {
  if (one_digit(value, extents.x)) return true;
  if (!PyTuple_CheckExact(value)) return false;
  switch (PyTuple_GET_SIZE(value)) {
    case 3:
      if (!one_digit(PyTuple_GET_ITEM(value, 2), extents.z)) return false;
      [[fallthrough]];
    case 2:
      if (!one_digit(PyTuple_GET_ITEM(value, 1), extents.y)) return false;
      [[fallthrough]];
    case 1: return one_digit(PyTuple_GET_ITEM(value, 0), extents.x);
    default: return false;
  }
}
}  // namespace detail

/// One to three integers of at least 1. Throws ArgumentError that gives the device's limit.
[[nodiscard]] inline Dim3 extents_of(std::string_view function, std::string_view what, PyObject* value) {
  Dim3 result;
  return detail::extents_fast(value, result) ? result : detail::extents_of_any(function, what, value);
}

/// As stream_argument, without a look-up for a Stream or None.
[[nodiscard]] inline StreamHandle stream_of(std::string_view function, PyObject* value) {
  if (value == Py_None) return nullptr;
  if (const auto* stream = exact_value<Stream>(value)) return stream->handle();
  return stream_argument(function, value);
}

[[noreturn]] void raise_no_block(const KernelInfo& kernel);

/// From grid=, block=, shared= and stream=. Throws ArgumentError; block= must be given.
[[nodiscard]] inline LaunchConfig config_of(const KernelInfo& kernel, const LaunchKeywords& keywords) {
  LaunchConfig config;
  if (keywords.block == nullptr) [[unlikely]]
    raise_no_block(kernel);
  if (keywords.grid != nullptr) config.grid = extents_of(kernel.name, "grid", keywords.grid);
  config.block = extents_of(kernel.name, "block", keywords.block);
  if (keywords.shared != nullptr)
    config.shared = static_cast<std::uint32_t>(unsigned_argument(kernel.name, "shared", keywords.shared, UINT32_MAX));
  if (keywords.stream != nullptr) config.stream = stream_of(kernel.name, keywords.stream);
  return config;
}

/// True or False; `standard` where the keyword was not given. Throws ArgumentError for anything else.
[[nodiscard]] bool flag_of(std::string_view function, const char* name, PyObject* value, bool standard);

}  // namespace cujitsu::python
