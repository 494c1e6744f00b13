// SPDX-License-Identifier: MIT
#include "softgpu/engine/invariants.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace cujitsu::softgpu {
namespace {

using Kind = ptx::Operand::Kind;

/// Opcodes that turn registers into registers and do nothing else.
bool only_computes(const ptx::Instruction& in) {
  constexpr std::array<std::string_view, 47> opcodes{
      "abs", "add",   "and", "bfe", "bfi", "bfind", "bmsk", "brev", "clz",   "cnot",  "copysign", "cos",
      "cvt", "cvta",  "div", "ex2", "fma", "lg2",   "lop3", "mad",  "mad24", "max",   "min",      "mov",
      "mul", "mul24", "neg", "not", "or",  "popc",  "prmt", "rcp",  "rem",   "rsqrt", "sad",      "selp",
      "set", "setp",  "shf", "shl", "shr", "sin",   "slct", "sqrt", "sub",   "testp", "xor"};
  if (std::ranges::find(in.modifiers, "cc") != in.modifiers.end()) return false;  // the carry flag
  if (in.opcode == "ld") return !in.modifiers.empty() && in.modifiers.front().starts_with("param");
  return std::ranges::find(opcodes, in.opcode) != opcodes.end();
}

template <class Body>
void for_registers(const ptx::Operand& operand, const Body& body) {
  if (operand.kind == Kind::reg) body(operand.index);
  for (const auto& element : operand.elements) for_registers(element, body);
  for (const auto& second : operand.second) for_registers(second, body);
}

}  // namespace

bool differs_between_blocks(ptx::Special special) noexcept {
  using ptx::Special;
  return special == Special::ctaid || special == Special::clusterid || special == Special::smid;
}

bool is_clock(ptx::Special special) noexcept {
  using ptx::Special;
  switch (special) {
    case Special::clock:
    case Special::clock_hi:
    case Special::clock64:
    case Special::globaltimer:
    case Special::globaltimer_lo:
    case Special::globaltimer_hi: return true;
    default: return false;
  }
}

Invariants::Invariants(const ptx::Function& function)
    : function_(function), writes_(function.registers.size(), 0), invariant_(function.registers.size(), false) {
  // The first operand is the result; where it is not, this counts too many.
  for (const auto& in : function.instructions)
    if (!in.operands.empty() && in.operands[0].kind != Kind::address)
      for_registers(in.operands[0], [&](std::uint32_t reg) { ++writes_[reg]; });
}

bool Invariants::may_go_first(const ptx::Instruction& in) const {
  return function_.is_entry && !in.guard && in.operands.size() >= 2 && only_computes(in) && is_result(in.operands[0]) &&
         std::all_of(in.operands.begin() + 1, in.operands.end(),
                     [this](const auto& operand) { return is_invariant(operand); });
}

void Invariants::add(const ptx::Instruction& in) {
  for_registers(in.operands[0], [&](std::uint32_t reg) { invariant_[reg] = true; });
}

bool Invariants::is_result(const ptx::Operand& operand) const {
  if (operand.kind != Kind::reg && operand.kind != Kind::vector) return false;
  bool all = true;
  for_registers(operand, [&](std::uint32_t reg) { all = all && is_written_once(reg); });
  return all;
}

bool Invariants::is_invariant(const ptx::Operand& operand) const {
  switch (operand.kind) {
    case Kind::reg: return invariant_[operand.index];
    case Kind::integer:
    case Kind::float32:
    case Kind::float64:
    case Kind::symbol: return true;
    case Kind::special: return !is_clock(operand.special) && !differs_between_blocks(operand.special);
    case Kind::vector:
      return std::ranges::all_of(operand.elements, [this](const auto& element) { return is_invariant(element); });
    case Kind::address: return operand.base == ptx::Operand::Base::symbol;  // of a parameter
    default: return false;
  }
}

}  // namespace cujitsu::softgpu
