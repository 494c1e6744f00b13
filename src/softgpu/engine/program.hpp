// SPDX-License-Identifier: MIT
// Functions in the form that is executed. A kernel has programs of its own for all that it calls: where its shared
// variables lie depends on the kernel.
#pragma once

#include "softgpu/engine/checks/observation.hpp"
#include "softgpu/engine/instruction.hpp"
#include "softgpu/ptx/ast.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

namespace cujitsu::softgpu {

struct Program;

/// A slot that never changes once it is filled.
struct ConstantSlot {
  std::uint32_t slot = 0;
  SlotKind kind = SlotKind::none;
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

/// A slot that holds a special register; filled when a frame is set up.
struct SpecialSlot {
  std::uint32_t slot = 0;
  SlotKind kind = SlotKind::none;
  ptx::Special special{};
  std::uint8_t component = 0;
};

/// A piece of a frame's .param variables.
struct ParamPiece {
  std::uint32_t offset = 0;
  std::uint32_t bytes = 0;
};

/// What a call instruction says: Instruction::data.
struct CallSite {
  const Program* target = nullptr;    ///< nullptr: indirect (the address is in slot a), or of the runtime
  std::string runtime;                ///< "vprintf", …: a function of the device runtime
  std::vector<ParamPiece> arguments;  ///< in the caller's frame
  std::vector<ParamPiece> results;
};

/// Instruction::data of a brx.idx.
struct BranchTable {
  std::vector<std::uint32_t> targets;  ///< indices into Program::code
};

struct Program {
  const ptx::Function* function = nullptr;
  std::vector<Instruction> code;         ///< ends with one that returns
  std::vector<ptx::Location> locations;  ///< by Instruction::location
  std::uint32_t register_bytes = 0;
  std::uint32_t register_words = 0;  ///< 32-bit registers of a thread, for the attributes
  std::vector<ConstantSlot> constants;
  std::vector<SpecialSlot> specials;        ///< the same in all blocks, for each warp of a block
  std::vector<SpecialSlot> block_specials;  ///< different in each block
  /// Of a kernel: instructions that come out the same in every block, because all that they read does. They are not in
  /// `code`, but executed when a warp's frame is made.
  std::vector<Instruction> prologue;
  std::uint32_t local_bytes = 0;       ///< .local variables of a frame, for each lane
  std::uint32_t call_bytes = 0;        ///< .param variables of a frame, for each lane
  std::vector<ParamPiece> parameters;  ///< of a function (not of a kernel), in its own frame
  std::vector<ParamPiece> results;
  std::deque<std::vector<std::uint32_t>> vectors;  ///< Instruction::data of vector loads and stores
  std::deque<CallSite> calls;
  std::deque<BranchTable> tables;
  std::vector<Observation> observations;  ///< by instruction, where checks watch it; else empty
};

/// A variable in shared memory, for messages.
struct SharedVariable {
  std::string name;
  std::uint32_t offset = 0;
  std::uint32_t bytes = 0;  ///< 0: the dynamic part
};

/// A kernel, ready to run.
struct KernelProgram {
  std::string name;
  const Program* entry = nullptr;
  std::unordered_map<const ptx::Function*, Program> programs;
  std::uint32_t static_shared_bytes = 0;
  std::uint32_t dynamic_shared_offset = 0;
  std::vector<SharedVariable> shared_variables;
  std::uint32_t parameter_bytes = 0;
  bool uses_alloca = false;
  bool uses_grid_barrier = false;
  bool uses_runtime = false;
  std::string why_not;  ///< not empty: it can not be run, and why
};

}  // namespace cujitsu::softgpu
