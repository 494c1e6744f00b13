// SPDX-License-Identifier: MIT
// Owned device memory.
#pragma once

#include <cujitsu/export.hpp>
#include <cujitsu/handles.hpp>
#include <cujitsu/stream.hpp>

#include <cstddef>
#include <memory>

namespace cujitsu {

/// Device memory that frees itself. Movable, not copyable.
///
/// Without a stream the memory comes from cuMemAlloc: any stream may use it at once, and freeing waits for the device.
/// With one it is stream-ordered and pooled (cuMemAllocAsync): use it in that stream, or after an event recorded there;
/// freeing is ordered after the work that the stream has queued, and waits for nothing. Where the device has no pools,
/// both are the first kind. The pool keeps freed memory for the next allocation.
/// Different threads may use one buffer; freeing while another thread uses it is the caller's error. The memory belongs
/// to the context that was current when it was made, and is freed there from any thread.
/// Throws OutOfMemoryError, DriverError, LoadError; ArgumentError for use after free().
class CUJITSU_API DeviceBuffer {
 public:
  explicit DeviceBuffer(std::size_t bytes);
  DeviceBuffer(std::size_t bytes, const Stream& stream);
  ~DeviceBuffer();
  DeviceBuffer(DeviceBuffer&& other) noexcept;
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept;

  /// The first byte's address; 0 for a buffer of no bytes. Throws ArgumentError after free() or a move.
  [[nodiscard]] DevicePointer address() const {
    if (is_freed()) [[unlikely]]
      raise_freed();
    return address_;
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }  ///< bytes
  [[nodiscard]] bool is_freed() const noexcept { return allocation_ == nullptr; }
  /// Gives the memory back now. A second call throws ArgumentError.
  void free();

 private:
  struct Allocation;
  void release() noexcept;
  [[noreturn]] static void raise_freed();
  std::unique_ptr<Allocation> allocation_;
  DevicePointer address_ = 0;
  std::size_t size_ = 0;
};

/// Device memory of `bytes` bytes, uninitialised, at least 256-byte aligned.
[[nodiscard]] inline DeviceBuffer mem_alloc(std::size_t bytes) { return DeviceBuffer(bytes); }
/// The same, stream-ordered.
[[nodiscard]] inline DeviceBuffer mem_alloc(std::size_t bytes, const Stream& stream) { return {bytes, stream}; }

}  // namespace cujitsu
