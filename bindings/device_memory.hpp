// SPDX-License-Identifier: MIT
// Device memory as Python objects name it.
#pragma once

#include "element_type.hpp"
#include "place.hpp"

#include <cujitsu/handles.hpp>
#include <cujitsu/memory.hpp>

#include <pybind11/pybind11.h>

#include <memory>
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
  /// The object says that nobody may write to it.
  bool read_only = false;
  /// The ordinal of the device that has the memory, where the object tells; never for memory that all devices reach.
  std::optional<int> device = std::nullopt;
  /// What DLPack lends together with the memory, else nothing. Keep it until the work on the memory is queued (for a
  /// bound launch: as long as it may run). May be dropped in any thread, with the GIL or without.
  std::shared_ptr<void> loan = nullptr;
};

/// What `value` refers to: a DeviceBuffer, a DeviceView or a DeviceSpan of ours, a torch tensor, an object with
/// __cuda_array_interface__ or with DLPack's methods, in this order. Nothing for any other object. An array of a CPU is
/// none of these, but for a torch tensor of one dimension or more, which only an error can be about.
///
/// `consumer` is the stream of the work to come, where it is known: DLPack's producers order it after their own work.
/// Without it that is asked for the legacy default stream, which `producer` then names.
/// Throws ArgumentError that begins with the text of `place`: not C-contiguous, masked, malformed, or refused by its own
/// library; and, where `consumer` is one of the driver's own streams (null, 1, 2), on another device than the current one.
/// Work in any other stream runs on that stream's device, which is not looked at.
[[nodiscard]] std::optional<DeviceView> device_view(const Place& place, py::handle value,
                                                    std::optional<StreamHandle> consumer = std::nullopt);

/// The same, for "function(): what".
[[nodiscard]] std::optional<DeviceView> device_view(std::string_view function, std::string_view what, py::handle value,
                                                    std::optional<StreamHandle> consumer = std::nullopt);

/// The same, an integer address included, for a copy or fill; throws ArgumentError for anything else. Memory of any
/// device: the driver copies between devices. `usage` reminds of the order of the arguments, such as
/// "memcpy_htod(destination on device, source on host)".
[[nodiscard]] DeviceView device_argument(std::string_view usage, std::string_view what, py::handle value,
                                         std::optional<StreamHandle> consumer = std::nullopt);

/// Whether device_view would find device memory, usable or not. Throws nothing but a KeyboardInterrupt and its like.
[[nodiscard]] bool is_device_memory(py::handle value);

/// Throws ArgumentError where the memory belongs to another device than the current context's. Where there is one device
/// this asks no driver; else a few driver calls. device_view does it as said there.
void check_device(const Place& place, const DeviceView& view);

/// Returns when another library's queued work on the memory has ended. Needs no GIL.
void wait_for_producer(const DeviceView& view);

/// Lets work that is queued in `stream` from now on wait for that work instead. Needs no GIL.
void order_after_producer(const DeviceView& view, StreamHandle stream);

}  // namespace cujitsu::python
