// SPDX-License-Identifier: MIT
// Barriers that not all threads reach together: what a GPU answers with a hang, or with nothing at all.
#pragma once

#include "softgpu/engine/checks/access.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <utility>

namespace cujitsu::softgpu {

struct Block;
struct Split;
struct WarpState;

class BarrierCheck {
 public:
  /// A block begins.
  void start() noexcept { expected_ = {}; }

  /// The active lanes have come to a barrier. `count`: of the instruction, 0: all threads of the block. False: the
  /// warp's fault has been set.
  bool arrive(Warp& warp, const Instruction* in, std::uint32_t number, std::uint32_t count);
  /// The barrier lets those go on who wait there: were they meant to meet? May end the launch.
  void complete(Block& block, std::uint32_t number);
  /// Some lanes of the warp use memory. False when others wait at a barrier that these have passed by; the warp's fault
  /// has been set.
  bool access(const WarpAccess& access);
  /// Nobody in the block can go on. Ends the launch if a barrier is what they wait at; whether it did.
  bool deadlock(Block& block);

 private:
  bool has_passed_by(const Program& program, std::uint32_t barrier, std::uint32_t at);

  std::array<std::uint32_t, 16> expected_{};  ///< threads, of who is there; 0: nobody is
  /// By program, barrier and instruction: answers of has_passed_by.
  std::map<std::pair<const Program*, std::pair<std::uint32_t, std::uint32_t>>, bool> passed_by_;
};

}  // namespace cujitsu::softgpu
