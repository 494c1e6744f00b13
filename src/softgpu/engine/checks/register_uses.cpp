// SPDX-License-Identifier: MIT
#include "softgpu/engine/checks/register_uses.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace cujitsu::softgpu {
namespace {

/// cvt.u16.u32 and its like.
bool is_narrowing(const ptx::Instruction& in) {
  std::vector<ptx::Type> types;
  for (const auto word : in.modifiers)
    if (const auto type = ptx::parse_type(word)) types.push_back(*type);
  return types.size() == 2 && !ptx::is_floating(types[0]) && !ptx::is_floating(types[1]) &&
         ptx::bits_of(types[0]) < ptx::bits_of(types[1]);
}

/// What compilers read the members of a struct with that a register holds as a whole. Others of these instructions are
/// about numbers: a shift to the left multiplies.
bool takes_apart(const ptx::Instruction& in) {
  constexpr std::array<std::string_view, 5> opcodes{"st", "shr", "and", "bfe", "prmt"};
  const auto is_vector = [](const ptx::Operand& operand) { return operand.kind == ptx::Operand::Kind::vector; };
  if (in.opcode == "cvt") return is_narrowing(in);
  if (in.opcode == "mov") return std::ranges::any_of(in.operands, is_vector);
  return std::ranges::find(opcodes, in.opcode) != opcodes.end();
}

unsigned bits_of_type(const ptx::Instruction& in) {
  for (const auto word : in.modifiers)
    if (const auto type = ptx::parse_type(word)) return ptx::bits_of(*type);
  return 0;
}

class Uses {
 public:
  explicit Uses(std::size_t registers) : states_(registers) {}

  void add(const ptx::Instruction& in) {
    if (in.guard) read(in.guard->reg, false);
    const bool is_load = in.opcode == "ld" || in.opcode == "ldu";
    const bool is_store = in.opcode == "st";
    const bool fills_first = has_result(in);
    for (std::size_t i = 0; i < in.operands.size(); ++i)
      for_registers(in.operands[i], [&](std::uint32_t reg) {
        const bool is_result = i == 0 && fills_first;
        if (is_result) ++states_[reg].use.definitions;
        if (is_result && is_load) return copy(reg, watched_bits(in));
        if (is_result) return copy(reg, 0);
        read(reg, takes_apart(in) && !(i == 0 && is_store));
        copy(reg, i == 1 && is_store ? bits_of_type(in) : 0);
      });
  }

  [[nodiscard]] std::vector<RegisterUse> result() const {
    std::vector<RegisterUse> uses;
    for (const auto& state : states_) {
      uses.push_back(state.use);
      if (!state.is_copied) uses.back().copied_bits = 0;
    }
    return uses;
  }

 private:
  struct State {
    RegisterUse use;
    bool is_copied = true;
  };

  void copy(std::uint32_t reg, unsigned bits) {
    auto& state = states_[reg];
    if (state.use.copied_bits == 0) state.use.copied_bits = bits;
    if (bits == 0 || state.use.copied_bits != bits) state.is_copied = false;
  }
  void read(std::uint32_t reg, bool only_parts) {
    auto& use = states_[reg].use;
    ++use.reads;
    use.is_taken_apart = use.is_taken_apart && only_parts;
  }

  std::vector<State> states_;
};

}  // namespace

bool has_result(const ptx::Instruction& instruction) {
  constexpr std::array<std::string_view, 12> without{"st",   "red",  "bra",      "brx",       "call",   "ret",
                                                     "exit", "trap", "prefetch", "prefetchu", "membar", "fence"};
  if (instruction.opcode == "bar" || instruction.opcode == "barrier")
    return std::ranges::find(instruction.modifiers, std::string_view("red")) != instruction.modifiers.end();
  return std::ranges::find(without, instruction.opcode) == without.end();
}

unsigned watched_bits(const ptx::Instruction& instruction) {
  for (const auto word : instruction.modifiers)
    if (word.starts_with("param")) return 0;
  return bits_of_type(instruction);
}

std::vector<RegisterUse> uses_of_registers(const ptx::Function& function) {
  Uses uses(function.registers.size());
  for (const auto& instruction : function.instructions) uses.add(instruction);
  return uses.result();
}

}  // namespace cujitsu::softgpu
