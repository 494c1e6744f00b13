// SPDX-License-Identifier: MIT
// printf of kernels.
#pragma once

#include "softgpu/engine/address_space.hpp"

#include <cstdint>
#include <string>

namespace cujitsu::softgpu {

/// Reads what a lane may read: a string, or the argument block of vprintf.
class DeviceReader {
 public:
  virtual ~DeviceReader() = default;
  /// False when [address, address + bytes) is not readable.
  virtual bool read(std::uint64_t address, void* to, std::uint64_t bytes) const = 0;
};

struct Printed {
  bool is_readable = true;  ///< else `address` could not be read
  std::uint64_t address = 0;
  int arguments = 0;  ///< what printf returns: how many were taken; -1 for a null format
  std::string text;
};

/// Formats as a GPU does. `arguments`: the packed block, each at its own alignment.
[[nodiscard]] Printed format_print(const DeviceReader& reader, std::uint64_t format, std::uint64_t arguments);

}  // namespace cujitsu::softgpu
