// SPDX-License-Identifier: MIT
// Reads that a compiler has moved in front of the condition that they depend on. `if (i == 0 && s[0] > 1)` becomes
//   ld.shared %r, [s];  setp.gt %p, %r, 1;  and.pred %q, %c, %p;
// in which every thread reads s[0], and nothing comes of it for those that the source does not let read.
#pragma once

#include "softgpu/engine/checks/register_uses.hpp"
#include "softgpu/ptx/ast.hpp"

#include <cstdint>
#include <vector>

namespace cujitsu::softgpu {

/// An instruction that drops what was read unless a predicate has a certain value.
struct Decision {
  std::uint32_t load = 0;       ///< index of the PTX instruction, and
  std::uint32_t decider = 0;    ///< of this one
  std::uint32_t predicate = 0;  ///< the operand of the decider with the other condition
  bool reads_if = true;         ///< its value with which the source reads
};

/// The loads of shared memory at fixed addresses all of whose uses are such decisions. Only these can a compiler move: it
/// knows that they do not fault.
[[nodiscard]] std::vector<Decision> find_early_reads(const ptx::Function& function,
                                                     const std::vector<RegisterUse>& uses);

}  // namespace cujitsu::softgpu
