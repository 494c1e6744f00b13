// SPDX-License-Identifier: MIT
// One function's instructions, from PTX to handlers and slots.
#pragma once

#include "softgpu/engine/decoding.hpp"
#include "softgpu/engine/invariants.hpp"
#include "softgpu/engine/layout.hpp"
#include "softgpu/engine/program.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace cujitsu::softgpu {

class FunctionLowering {
 public:
  FunctionLowering(const ModuleImage& image, const KernelLayout& layout, KernelProgram& kernel,
                   const ptx::Function& function);
  void run();
  /// The first instruction that is not supported, by name and line; empty: there is none.
  [[nodiscard]] const std::string& why_not() const noexcept { return why_not_; }

 private:
  // Slots.
  std::uint32_t allocate(SlotKind kind);
  std::uint32_t register_slot(std::uint32_t index);
  std::uint32_t constant(SlotKind kind, std::uint64_t low, std::uint64_t high = 0);
  std::uint32_t special(const ptx::Operand& operand, SlotKind kind);
  std::uint32_t symbol_slot(const ptx::Operand& operand, SlotKind kind = SlotKind::b64);
  /// The slot of a register that is read or written as `type`.
  std::uint32_t register_as(const ptx::Operand& operand, ptx::Type type);
  std::uint32_t source(const ptx::Operand& operand, ptx::Type type);
  std::uint32_t destination(const ptx::Operand& operand, ptx::Type type);
  /// The address' base; its offset goes to `offset`.
  std::uint32_t address(const ptx::Operand& operand, std::int64_t& offset);
  [[nodiscard]] OperandSlot slot_of(const ptx::Operand& operand) const;

  // Code.
  Instruction& emit(Handler whole, Handler masked);
  Instruction& emit(Handler handler) { return emit(handler, handler); }
  void emit_guard(const ptx::Guard& guard);
  /// Emits a jump over what follows for the lanes that the guard leaves out. Returns its index; land() sets its target.
  std::size_t emit_skip(const ptx::Guard& guard);
  void land(std::size_t skip);
  void jump_to(Instruction& instruction, std::uint32_t label);

  void lower(const ptx::Instruction& in);
  bool lower_control(const ptx::Instruction& in);
  void lower_branch(const ptx::Instruction& in);
  void lower_indexed_branch(const ptx::Instruction& in);
  void lower_call(const ptx::Instruction& in);
  void lower_barrier(const ptx::Instruction& in);
  void lower_stack(const ptx::Instruction& in);
  void lower_decoded(const ptx::Instruction& in);
  /// Lets a register that is written once, with a special register, be that one. False: it can not be.
  bool lower_alias(const ptx::Instruction& in, const Decoding& decoding);
  /// Moves the only instruction that was emitted for `in` to those that are executed once for all blocks, if it may.
  void put_first(const ptx::Instruction& in);
  void fill_plain(Instruction& out, const ptx::Instruction& in, const Decoding& decoding);
  void fill_memory(Instruction& out, const ptx::Instruction& in, const Decoding& decoding);
  [[nodiscard]] Decoding decode(const ptx::Instruction& in) const;
  /// Says of the instruction at hand why the kernel can not be run.
  void mismatch(const std::string& why);
  void refuse(const ptx::Instruction& in, const std::string& why);

  const ModuleImage& image_;
  KernelProgram& kernel_;
  const ptx::Function& function_;
  Program& program_;
  FrameLayout frame_;
  Invariants invariants_;
  std::vector<std::uint32_t> register_slots_;  ///< by register, 0: none yet
  std::map<std::tuple<SlotKind, std::uint64_t, std::uint64_t>, std::uint32_t> constants_;
  std::map<std::tuple<ptx::Special, std::uint8_t, SlotKind>, std::uint32_t> specials_;
  std::vector<std::uint32_t> starts_;  ///< of each PTX instruction, in the code
  struct Fixup {
    std::size_t instruction;
    std::uint32_t label;
  };
  std::vector<Fixup> fixups_;
  const ptx::Instruction* current_ = nullptr;  ///< the one at hand
  std::string why_not_;
};

}  // namespace cujitsu::softgpu
