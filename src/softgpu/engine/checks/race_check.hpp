// SPDX-License-Identifier: MIT
// Data races in the shared memory of one block.
#pragma once

#include "softgpu/engine/checks/access.hpp"
#include "softgpu/engine/checks/clocks.hpp"
#include "softgpu/engine/checks/race_shadow.hpp"

#include <cstdint>

namespace cujitsu::softgpu {

struct Block;

class RaceCheck {
 public:
  explicit RaceCheck(std::uint32_t shared_bytes) : shadow_(shared_bytes) {}
  /// A block begins.
  void start(std::uint32_t threads);

  /// False: the warp's fault has been set.
  bool access(const WarpAccess& access);
  void barrier_arrive(const Warp& warp, std::uint32_t number);
  /// The barrier lets those go on who wait there.
  void barrier_complete(const Block& block, std::uint32_t number);
  void warp_barrier(const Warp& warp, std::uint32_t lanes);

 private:
  bool lane_access(const WarpAccess& access, unsigned lane);
  bool shared_access(const WarpAccess& access, unsigned lane);
  static void report(const WarpAccess& access, unsigned lane, const RaceShadow::Conflict& conflict);

  Clocks clocks_;
  RaceShadow shadow_;
};

}  // namespace cujitsu::softgpu
