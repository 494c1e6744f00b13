// SPDX-License-Identifier: MIT
// Which registers of a kernel hold the same in every block, for a warp at a given place of its block: parameters, thread
// indices, and what is computed of them. The engine computes them once and not for each block.
#pragma once

#include "softgpu/ptx/ast.hpp"

#include <cstdint>
#include <vector>

namespace cujitsu::softgpu {

/// Registers that change with each block: %ctaid and what follows from it.
[[nodiscard]] bool differs_between_blocks(ptx::Special special) noexcept;
/// Registers that are read by an instruction, because they change by themselves.
[[nodiscard]] bool is_clock(ptx::Special special) noexcept;

/// Instructions are shown in the order in which they are written. Only registers that one instruction alone writes, under
/// no guard, can be invariant: whoever reads one before it is written reads what is undefined anyway.
class Invariants {
 public:
  explicit Invariants(const ptx::Function& function);

  [[nodiscard]] bool is_written_once(std::uint32_t reg) const noexcept { return writes_[reg] == 1; }
  /// Whether `in` only computes, and only from what is invariant, so that it may be executed beforehand.
  [[nodiscard]] bool may_go_first(const ptx::Instruction& in) const;
  /// The results of `in` are invariant.
  void add(const ptx::Instruction& in);

 private:
  [[nodiscard]] bool is_result(const ptx::Operand& operand) const;
  [[nodiscard]] bool is_invariant(const ptx::Operand& operand) const;

  const ptx::Function& function_;
  std::vector<std::uint32_t> writes_;  ///< by register: how many instructions write it
  std::vector<bool> invariant_;        ///< by register
};

}  // namespace cujitsu::softgpu
