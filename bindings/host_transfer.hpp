// SPDX-License-Identifier: MIT
// In, Out and InOut: host arrays that a launch copies to the device and back.
#pragma once

#include "host_memory.hpp"

#include <cujitsu/device_buffer.hpp>
#include <cujitsu/handles.hpp>

#include <pybind11/pybind11.h>

#include <optional>
#include <utility>

namespace cujitsu::python {

/// The Python value: an array and which way it is copied.
struct HostTransfer {
  py::object array;
  bool in;
  bool out;

  [[nodiscard]] const char* name() const noexcept { return in ? (out ? "InOut" : "In") : "Out"; }
};

struct In : HostTransfer {
  explicit In(py::object array_) : HostTransfer{std::move(array_), true, false} {}
};
struct Out : HostTransfer {
  explicit Out(py::object array_) : HostTransfer{std::move(array_), false, true} {}
};
struct InOut : HostTransfer {
  explicit InOut(py::object array_) : HostTransfer{std::move(array_), true, true} {}
};

/// One transfer of one launch: the array's memory, held, and device memory of its size. Made and destroyed with the GIL
/// held; the functions need none.
class ActiveTransfer {
 public:
  ActiveTransfer(HostView host, const HostTransfer& transfer)
      : host_(std::move(host)), in_(transfer.in), out_(transfer.out) {}

  /// Allocates, queues the copy to the device in `stream` where there is one, and returns the address.
  DevicePointer upload(StreamHandle stream);
  /// Copies back where that is asked for; the work on the memory must have ended.
  void download() const;
  /// Frees the device memory, waiting for work that still uses it or the host memory.
  void release() noexcept { device_.reset(); }

 private:
  HostView host_;
  std::optional<DeviceBuffer> device_;
  bool in_;
  bool out_;
};

}  // namespace cujitsu::python
