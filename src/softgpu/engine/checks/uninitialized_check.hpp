// SPDX-License-Identifier: MIT
// Reads of bytes that nothing has written, in a block's shared and local memory and in the device's.
#pragma once

#include "softgpu/engine/checks/access.hpp"
#include "softgpu/engine/checks/written_bytes.hpp"

#include <cstdint>

namespace cujitsu::softgpu {

class UninitializedCheck {
 public:
  UninitializedCheck(std::uint64_t shared_bytes, std::uint64_t local_bytes);
  /// A block begins: its memory holds nothing.
  void start() noexcept;

  /// False: the warp's fault has been set. A write is entered.
  bool access(const WarpAccess& access);
  /// What these lanes have had in local memory from `offset` up to `end` is gone.
  void forget_local(const Warp& warp, std::uint32_t lanes, std::uint64_t offset, std::uint64_t end) noexcept;

 private:
  /// The memory of a lane's access; nullptr: all of it counts as written.
  struct Place {
    WrittenBytes* memory = nullptr;
    std::uint64_t address = 0;
  };
  Place place_of(const WarpAccess& access, unsigned lane) noexcept;
  bool lane_read(const WarpAccess& access, unsigned lane);
  void lane_write(const WarpAccess& access, unsigned lane) noexcept;
  static void report(const WarpAccess& access, unsigned lane, std::uint64_t unwritten);

  WrittenBytes shared_;
  WrittenBytes local_;
  std::uint64_t shared_bytes_;
  std::uint64_t local_bytes_;
};

}  // namespace cujitsu::softgpu
