// SPDX-License-Identifier: MIT
// Which lanes of which warp go on: lowest instruction first, deepest call first, with a fair share for those who wait.
#pragma once

#include "softgpu/engine/execution.hpp"

#include <cstdint>

namespace cujitsu::softgpu {

/// A frame's .param variables of one lane take this many bytes.
[[nodiscard]] std::uint64_t call_stride(const Program& program) noexcept;

void use_frame(WarpState& warp, Frame* frame) noexcept;
/// Takes a runnable split out of the list, together with all that are at the same place: lanes that meet go on together.
[[nodiscard]] Split take_split(WarpState& warp, std::size_t index);
/// Special registers of a frame: what stays as it is while the frame is its warp's, and what differs between blocks.
void fill_specials(const WarpState& warp, Frame& frame);
void fill_block_specials(const WarpState& warp, Frame& frame);

/// The program of the kernel for a function's address; nullptr: there is none.
[[nodiscard]] const Program* program_at(const Launch& launch, std::uint64_t address) noexcept;

/// Lets those go on whose barrier or warp-wide operation has become complete.
void release_barriers(Block& block);
void release_barrier(Block& block, std::uint32_t number);
void release_syncs(WarpState& warp);

enum class BlockOutcome : std::uint8_t {
  finished,
  yielded,   ///< it loops; give others a turn
  deadlock,  ///< nobody in it can go on, ever
  fault,     ///< or the launch has been stopped
};

/// Runs a block until it finishes, or until all of its warps wait or have used up their turn.
[[nodiscard]] BlockOutcome run_block(Block& block);

/// Sets a block up for `linear` of the launch; its memory is reused.
void start_block(Block& block, Launch& launch, std::uint64_t linear);

/// Ends the launch with the first fault; later ones change nothing.
void stop_launch(Launch& launch, int code, std::string message);

}  // namespace cujitsu::softgpu
