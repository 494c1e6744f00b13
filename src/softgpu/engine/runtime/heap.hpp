// SPDX-License-Identifier: MIT
// malloc and free of kernels.
#pragma once

#include "softgpu/engine/address_space.hpp"

#include <cstdint>
#include <map>
#include <mutex>

namespace cujitsu::softgpu {

/// One piece of a device's memory (CU_LIMIT_MALLOC_HEAP_SIZE) from which kernels allocate; blocks live on after the
/// launch. Any thread may call.
class DeviceHeap {
 public:
  DeviceHeap(std::uint64_t address, std::uint64_t bytes);
  /// 16-byte aligned; 0: there is no room. 0 bytes have an address too.
  [[nodiscard]] std::uint64_t allocate(std::uint64_t bytes);
  enum class Freed : std::uint8_t { yes, twice, unknown };
  Freed release(std::uint64_t address);

 private:
  std::mutex mutex_;
  std::map<std::uint64_t, std::uint64_t> free_;  ///< by address: bytes
  std::map<std::uint64_t, std::uint64_t> used_;
  std::map<std::uint64_t, bool> freed_;  ///< addresses that have been freed and not been given out again
};

/// The heap of a device; made on first use, with `bytes`.
[[nodiscard]] DeviceHeap& heap_of(AddressSpace& memory, std::uint64_t bytes);

}  // namespace cujitsu::softgpu
