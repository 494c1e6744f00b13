// SPDX-License-Identifier: MIT
// Handlers that move lanes about: branches, calls, exits, barriers, warp-wide operations.
#pragma once

#include "softgpu/engine/instruction.hpp"
#include "softgpu/engine/warp.hpp"

namespace cujitsu::softgpu::control {

// `immediate`: the target's distance in instructions. `a`: a predicate slot; code 1: negated.
const Instruction* branch(Warp&, const Instruction*);
const Instruction* branch_if(Warp&, const Instruction*);
/// `a`: a b32 slot with the index; `data`: a BranchTable.
const Instruction* branch_indexed(Warp&, const Instruction*);
/// The next instruction runs for the lanes whose predicate (`a`, code 1: negated) holds.
const Instruction* guard(Warp&, const Instruction*);

/// `data`: a CallSite. `a`: the address of an indirect call.
const Instruction* call(Warp&, const Instruction*);
const Instruction* call_runtime(Warp&, const Instruction*);
const Instruction* return_lanes(Warp&, const Instruction*);
const Instruction* exit_lanes(Warp&, const Instruction*);
const Instruction* trap(Warp&, const Instruction*);

// `a`: the barrier's number, `b`: the number of threads if code & has_count, `c`: a predicate, `d`: the result.
namespace barrier_code {
inline constexpr std::uint32_t has_count = 1;
inline constexpr std::uint32_t arrive = 2;  // does not wait
inline constexpr std::uint32_t red_popc = 4;
inline constexpr std::uint32_t red_and = 8;
inline constexpr std::uint32_t red_or = 16;
inline constexpr std::uint32_t negated = 32;  // the predicate
}  // namespace barrier_code
const Instruction* barrier(Warp&, const Instruction*);

/// A warp-wide operation; see collectives.hpp.
const Instruction* collective(Warp&, const Instruction*);

const Instruction* nothing(Warp&, const Instruction*);
const Instruction* nanosleep(Warp&, const Instruction*);
/// `d`: b64, the lane's own local address of offset `immediate` of the frame.
const Instruction* local_address(Warp&, const Instruction*);
/// `d`: b64, the address of the parameter at offset `immediate`.
const Instruction* parameter_address(Warp&, const Instruction*);
/// `d`: a clock; code: ptx::Special; `immediate`: SlotKind.
const Instruction* read_clock(Warp&, const Instruction*);
const Instruction* activemask(Warp&, const Instruction*);
/// `d` = local address of `a` new bytes (b32 or b64 by code: 4 or 8), aligned to `immediate`.
const Instruction* allocate_local(Warp&, const Instruction*);
const Instruction* save_stack(Warp&, const Instruction*);
const Instruction* restore_stack(Warp&, const Instruction*);
/// A bit for each lane of `active` whose word in the predicate is set.
[[nodiscard]] std::uint32_t predicate_bits(const std::uint32_t* words) noexcept;
/// Makes Warp::mask show `lanes`.
void set_mask_words(Warp& warp, std::uint32_t lanes) noexcept;

}  // namespace cujitsu::softgpu::control
