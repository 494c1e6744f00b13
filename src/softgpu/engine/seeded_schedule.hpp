// SPDX-License-Identifier: MIT
// The order of everything by chance (CUJITSU_SOFTGPU_SCHEDULE): of blocks, of warps, of the lanes of a warp that have
// parted; and any of them may be interrupted after any instruction. One seed gives one order.
#pragma once

#include "softgpu/engine/execution.hpp"
#include "softgpu/engine/random.hpp"
#include "softgpu/engine/scheduler.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cujitsu::softgpu {

class SeededSchedule {
 public:
  SeededSchedule(std::uint64_t seed, std::uint64_t blocks);

  /// The next block to begin. Kernels that wait for earlier blocks count on those to have begun; they will have, before
  /// the blocks that a device holds at a time are all taken up by later ones.
  [[nodiscard]] std::uint64_t next_block();

  /// Runs a block for some slices.
  [[nodiscard]] BlockOutcome run(Block& block);

  /// Which of `running` blocks (more than 0) goes on.
  [[nodiscard]] std::size_t choose(std::size_t running) { return static_cast<std::size_t>(random_.below(running)); }
  /// Whether another block begins beside the `running` ones; none of them has finished for `turns`.
  [[nodiscard]] bool wants_another(std::size_t running, std::uint64_t turns) const noexcept;

 private:
  Split any_split(WarpState& warp);

  Random random_;
  std::uint64_t blocks_;
  std::uint64_t begun_ = 0;
  std::size_t usual_;                  ///< blocks at a time
  std::vector<std::uint64_t> window_;  ///< that begin next, the last one first
  std::vector<WarpState*> ready_;
};

}  // namespace cujitsu::softgpu
