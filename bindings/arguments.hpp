// SPDX-License-Identifier: MIT
// Python objects as kernel arguments, converted by the kernel's own signature.
#pragma once

#include "device_memory.hpp"
#include "host_transfer.hpp"

#include <cujitsu/kernel.hpp>

#include <pybind11/pybind11.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace cujitsu::python {

/// The arguments of one launch. Made, filled and destroyed with the GIL held; upload, packed and download need none.
///
/// Borrows the kernel and the device memory that the arguments name; host arrays of In, Out and InOut are held.
class ArgumentPack {
 public:
  enum class Transfers { allowed, refused };

  ArgumentPack(const Kernel& kernel, Transfers transfers);
  ~ArgumentPack();
  ArgumentPack(const ArgumentPack&) = delete;
  ArgumentPack& operator=(const ArgumentPack&) = delete;

  /// All of them, in order. Throws ArgumentError that names the kernel, the position, the parameter and what was given.
  void convert(const py::tuple& values);
  /// One of them, by its index from 0.
  void convert(std::size_t index, py::handle value);

  /// Copies what In and InOut hold to the device, and orders `stream` after other libraries' work on their arrays.
  void upload(StreamHandle stream);
  [[nodiscard]] std::span<const KernelArgument> packed() const noexcept { return arguments_; }
  /// Waits for the kernel and copies Out and InOut back; does nothing where there are none.
  void download(StreamHandle stream) const;

 private:
  struct PendingTransfer {
    std::size_t index;
    ActiveTransfer transfer;
  };

  void convert_transfer(std::size_t index, const HostTransfer& transfer);
  void convert_device_memory(std::size_t index, const DeviceView& view, py::handle value);
  void set_address(std::size_t index, DevicePointer address);
  [[nodiscard]] const ParameterType& parameter(std::size_t index) const;
  [[nodiscard]] std::string place(std::size_t index) const;

  const Kernel& kernel_;
  Transfers transfers_mode_;
  std::vector<std::byte> bytes_;           // each parameter at its offset
  std::vector<KernelArgument> arguments_;  // pointing into bytes_
  std::vector<PendingTransfer> transfers_;
  std::vector<DeviceView> produced_elsewhere_;
};

}  // namespace cujitsu::python
