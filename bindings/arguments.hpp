// SPDX-License-Identifier: MIT
// Python objects as kernel arguments, converted by the kernel's own signature.
#pragma once

#include "argument_place.hpp"
#include "device_memory.hpp"
#include "host_transfer.hpp"
#include "kernel_object.hpp"

#include <pybind11/pybind11.h>

#include <cstddef>
#include <memory>
#include <vector>

namespace cujitsu::python {

/// The arguments of one launch, packed as the driver takes them. Made, filled and destroyed with the GIL held; upload,
/// parameters and download need none. Allocates nothing for numbers, DeviceBuffers and addresses.
///
/// Borrows the kernel and the device memory that the arguments name; what lends memory for one launch alone (host arrays
/// of In, Out and InOut, DLPack tensors) is held.
class ArgumentPack {
 public:
  struct Options {
    bool check_pointees = true;
    bool takes_transfers = true;    ///< In, Out and InOut
    StreamHandle stream = nullptr;  ///< what the launch goes into
  };

  ArgumentPack(const KernelObject& kernel, const Options& options)
      : kernel_(kernel), options_(options), bytes_(few_bytes_), pointers_(few_pointers_) {
    const auto& state = kernel.kernel.state();
    if (state.parameter_bytes > few_parameter_bytes || state.parameters.size() > few_parameters) [[unlikely]]
      use_heap(state.parameter_bytes, state.parameters.size());
  }
  ~ArgumentPack() {
    if (rest_ != nullptr) [[unlikely]]
      release_transfers();
  }
  ArgumentPack(const ArgumentPack&) = delete;
  ArgumentPack& operator=(const ArgumentPack&) = delete;

  /// All of them, in order. Throws ArgumentError that names the kernel, the position, the parameter and what was given.
  void convert(PyObject* const* values, std::size_t count);
  /// One of them, by its index from 0.
  void convert_one(std::size_t index, PyObject* value);

  /// Whether there is nothing to do before and after the launch.
  [[nodiscard]] bool is_plain() const noexcept { return rest_ == nullptr; }
  /// Copies what In and InOut hold to the device, and orders the stream after other libraries' work on their arrays.
  void upload();
  /// Pointers to the bytes of each parameter.
  [[nodiscard]] void** parameters() noexcept { return pointers_; }
  /// Waits for the kernel and copies Out and InOut back; does nothing where there are none.
  void download();

  /// What DLPack lends for an argument, to be kept for as long as that is used; empty for all others.
  [[nodiscard]] std::shared_ptr<void> take_loan(std::size_t index) noexcept;

 private:
  struct PendingTransfer {
    std::size_t index;
    ActiveTransfer transfer;
  };
  struct LentView {
    std::size_t index;
    DeviceView view;
  };
  /// What most launches have none of.
  struct Rest {
    std::vector<PendingTransfer> transfers;
    std::vector<LentView> views;
    std::vector<std::byte> bytes;
    std::vector<void*> pointers;
  };

  [[gnu::noinline]] void convert_slowly(std::size_t index, py::handle value);
  void convert_transfer(const ArgumentPlace& place, std::size_t index, const HostTransfer& transfer);
  void convert_device_memory(const ArgumentPlace& place, std::size_t index, DeviceView view, py::handle value);
  void set_address(std::size_t index, DevicePointer address) noexcept;
  Rest& rest();
  void use_heap(std::size_t bytes, std::size_t parameters);
  void release_transfers() noexcept;

  const KernelObject& kernel_;
  Options options_;
  std::byte* bytes_;
  void** pointers_;
  std::unique_ptr<Rest> rest_;
  void* few_pointers_[few_parameters];
  alignas(16) std::byte few_bytes_[few_parameter_bytes];
};

}  // namespace cujitsu::python
