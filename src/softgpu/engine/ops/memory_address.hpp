// SPDX-License-Identifier: MIT
// Handlers about addresses and ordering that touch no memory: cvta, isspacep, fences, hints. All write active lanes
// only, so they are whole and masked.
#pragma once

#include "softgpu/engine/instruction.hpp"
#include "softgpu/engine/warp.hpp"

namespace cujitsu::softgpu::memory_address {

// d, a: b64.
const Instruction* copy(Warp&, const Instruction*);  ///< cvta of a space whose addresses are generic already
const Instruction* shared_to_generic(Warp&, const Instruction*);
const Instruction* generic_to_shared(Warp&, const Instruction*);
const Instruction* local_to_generic(Warp&, const Instruction*);
const Instruction* generic_to_local(Warp&, const Instruction*);

// d: predicate, a: b64.
const Instruction* is_shared(Warp&, const Instruction*);
const Instruction* is_local(Warp&, const Instruction*);
const Instruction* is_parameter(Warp&, const Instruction*);
const Instruction* is_constant(Warp&, const Instruction*);
const Instruction* is_global(Warp&, const Instruction*);

const Instruction* fence(Warp&, const Instruction*);
const Instruction* no_effect(Warp&, const Instruction*);
/// d: b64, a cache policy: nobody looks at it.
const Instruction* cache_policy(Warp&, const Instruction*);

}  // namespace cujitsu::softgpu::memory_address
