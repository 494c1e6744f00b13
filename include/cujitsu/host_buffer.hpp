// SPDX-License-Identifier: MIT
// Owned page-locked host memory.
#pragma once

#include <cujitsu/export.hpp>

#include <cstddef>
#include <memory>

namespace cujitsu {

/// Page-locked memory that frees itself: copies from and to it run at full speed and asynchronously. Every context of
/// the process may use it (CU_MEMHOSTALLOC_PORTABLE). Movable, not copyable; may be freed from any thread.
/// Throws OutOfMemoryError, DriverError, LoadError; ArgumentError for use after free().
class CUJITSU_API HostBuffer {
 public:
  explicit HostBuffer(std::size_t bytes);
  ~HostBuffer();
  HostBuffer(HostBuffer&& other) noexcept;
  HostBuffer& operator=(HostBuffer&& other) noexcept;

  /// The first byte; nullptr for a buffer of no bytes. Throws ArgumentError after free() or a move.
  [[nodiscard]] void* data() const;
  [[nodiscard]] std::size_t size() const noexcept { return size_; }  ///< bytes
  [[nodiscard]] bool is_freed() const noexcept;
  /// Gives the memory back now. A second call throws ArgumentError.
  void free();

 private:
  struct Allocation;
  void release() noexcept;
  std::unique_ptr<Allocation> allocation_;
  std::size_t size_ = 0;
};

}  // namespace cujitsu
