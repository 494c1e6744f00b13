// SPDX-License-Identifier: MIT
// Puts the checks in front of what they watch. A kernel that is not watched runs the very instructions that it has
// without them.
#pragma once

#include "softgpu/engine/checks/observation.hpp"
#include "softgpu/engine/program.hpp"

namespace cujitsu::softgpu {

/// Replaces the handlers of the kernel's memory accesses, barriers and calls by ones that ask the block's checks first.
void observe(KernelProgram& kernel);

[[nodiscard]] inline const Observation& observation_of(const Program& program, const Instruction* in) noexcept {
  return program.observations[static_cast<std::size_t>(in - program.code.data())];
}

}  // namespace cujitsu::softgpu
