// SPDX-License-Identifier: MIT
// Sizes, addresses, dimensions and streams from Python objects.
#pragma once

#include <cujitsu/handles.hpp>

#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cujitsu::python {

namespace py = pybind11;

// `function` and `what` name the argument in the ArgumentError that each of these throws.

/// An integer (numpy's too, but no bool and no float) from 0 to `largest`.
[[nodiscard]] std::uint64_t unsigned_argument(std::string_view function, std::string_view what, py::handle value,
                                              std::uint64_t largest = UINT64_MAX);

[[nodiscard]] std::size_t size_argument(std::string_view function, std::string_view what, py::handle value);

/// An integer that fits `size` bytes with either sign, as its two's complement.
[[nodiscard]] std::uint64_t wrapped_argument(std::string_view function, std::string_view what, py::handle value,
                                             std::size_t size);

/// A Stream, a handle as an integer, None, or another library's stream. Whoever owns the stream must keep it alive.
[[nodiscard]] StreamHandle stream_argument(std::string_view function, py::handle value);

[[nodiscard]] inline std::uint64_t to_integer(StreamHandle handle) {
  return static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(handle));
}
[[nodiscard]] inline StreamHandle to_stream_handle(std::uint64_t handle) {
  return reinterpret_cast<StreamHandle>(static_cast<std::uintptr_t>(handle));
}

}  // namespace cujitsu::python
