// SPDX-License-Identifier: MIT
// Copies and fills.
//
// All sizes are in bytes. A copy past the end of a buffer throws ArgumentError before the driver is called; addresses
// that are plain numbers can not be checked. The plain forms return when the host memory may be used again; the _async
// forms queue the work in `stream`: page-locked host memory must stay alive until it has run, pageable memory is staged
// by the driver. Any thread may call them. All throw ArgumentError, DriverError, LoadError.
#pragma once

#include <cujitsu/device_buffer.hpp>
#include <cujitsu/export.hpp>
#include <cujitsu/handles.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>

namespace cujitsu {

/// Device memory that someone else owns: an address, and how many bytes follow it where that is known.
/// What the functions below take; a DeviceBuffer, a DevicePointer or SourceModule::get_global converts to it.
class DeviceSpan {
 public:
  static constexpr std::size_t unknown_size = std::numeric_limits<std::size_t>::max();

  DeviceSpan(const DeviceBuffer& buffer) : address_(buffer.address()), size_(buffer.size()) {}
  DeviceSpan(DevicePointer address, std::size_t bytes = unknown_size) noexcept : address_(address), size_(bytes) {}

  [[nodiscard]] DevicePointer address() const noexcept { return address_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// What follows the first `bytes` bytes. Throws ArgumentError past the end.
  [[nodiscard]] CUJITSU_API DeviceSpan offset(std::size_t bytes) const;

 private:
  DevicePointer address_;
  std::size_t size_;
};

CUJITSU_API void memcpy_htod(DeviceSpan destination, const void* source, std::size_t bytes);
CUJITSU_API void memcpy_dtoh(void* destination, DeviceSpan source, std::size_t bytes);
CUJITSU_API void memcpy_dtod(DeviceSpan destination, DeviceSpan source, std::size_t bytes);

CUJITSU_API void memcpy_htod_async(DeviceSpan destination, const void* source, std::size_t bytes, StreamHandle stream);
CUJITSU_API void memcpy_dtoh_async(void* destination, DeviceSpan source, std::size_t bytes, StreamHandle stream);
CUJITSU_API void memcpy_dtod_async(DeviceSpan destination, DeviceSpan source, std::size_t bytes, StreamHandle stream);

/// Fills `count` elements of 1, 2 or 4 bytes.
CUJITSU_API void memset_d8(DeviceSpan destination, std::uint8_t value, std::size_t count);
CUJITSU_API void memset_d16(DeviceSpan destination, std::uint16_t value, std::size_t count);
CUJITSU_API void memset_d32(DeviceSpan destination, std::uint32_t value, std::size_t count);

CUJITSU_API void memset_d8_async(DeviceSpan destination, std::uint8_t value, std::size_t count, StreamHandle stream);
CUJITSU_API void memset_d16_async(DeviceSpan destination, std::uint16_t value, std::size_t count, StreamHandle stream);
CUJITSU_API void memset_d32_async(DeviceSpan destination, std::uint32_t value, std::size_t count, StreamHandle stream);

}  // namespace cujitsu
