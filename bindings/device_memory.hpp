// SPDX-License-Identifier: MIT
// Device memory as Python objects name it.
#pragma once

#include "element_type.hpp"

#include <cujitsu/handles.hpp>
#include <cujitsu/memory.hpp>

#include <pybind11/pybind11.h>

#include <optional>
#include <string_view>

namespace cujitsu::python {

namespace py = pybind11;

/// Memory on the device, owned by the Python object that it was read from.
struct DeviceView {
  DeviceSpan span;
  ElementType element;  ///< unknown for a DeviceBuffer or a DeviceSpan
  /// The stream that work on this memory may still be queued in, where another library's object names one.
  std::optional<StreamHandle> producer;
};

/// What a DeviceBuffer, a DeviceSpan or an object with __cuda_array_interface__ refers to; nothing for any other object.
/// `function` and `what` are for the ArgumentError of an array that is not C-contiguous or breaks the interface.
[[nodiscard]] std::optional<DeviceView> device_view(std::string_view function, std::string_view what, py::handle value);

/// The same, an integer address included, for a copy or fill; throws ArgumentError for anything else. `usage` reminds of
/// the order of the arguments, such as "memcpy_htod(destination on device, source on host)".
[[nodiscard]] DeviceView device_argument(std::string_view usage, std::string_view what, py::handle value);

/// Returns when another library's queued work on the memory has ended. Needs no GIL.
void wait_for_producer(const DeviceView& view);

/// Lets work that is queued in `stream` from now on wait for that work instead. Needs no GIL.
void order_after_producer(const DeviceView& view, StreamHandle stream);

}  // namespace cujitsu::python
