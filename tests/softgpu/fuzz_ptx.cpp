// SPDX-License-Identifier: MIT
// libFuzzer target: whatever the text, parse() returns a module that holds together, or throws ParseError.
#include "softgpu/ptx/describe.hpp"
#include "softgpu/ptx/parser.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace ptx = cujitsu::softgpu::ptx;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const ptx::Operand& operand, const ptx::Function& function) {
  switch (operand.kind) {
    case ptx::Operand::Kind::reg: require(operand.index < function.registers.size()); break;
    case ptx::Operand::Kind::label: require(operand.index < function.labels.size()); break;
    case ptx::Operand::Kind::prototype: require(operand.index < function.prototypes.size()); break;
    case ptx::Operand::Kind::symbol: require(operand.index <= function.variables.size()); break;
    case ptx::Operand::Kind::address:
      if (operand.base == ptx::Operand::Base::reg) require(operand.index < function.registers.size());
      if (operand.base == ptx::Operand::Base::symbol) require(operand.index <= function.variables.size());
      break;
    default: break;
  }
  for (const ptx::Operand& one : operand.elements) check(one, function);
  for (const ptx::Operand& one : operand.second) check(one, function);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const ptx::Module module = ptx::parse(std::string(reinterpret_cast<const char*>(data), size));
    for (const ptx::Function& function : module.functions) {
      for (const ptx::Label& label : function.labels) require(label.instruction <= function.instructions.size());
      for (const ptx::BranchTargets& targets : function.branch_targets)
        for (const std::uint32_t label : targets.labels) require(label < function.labels.size());
      for (const ptx::Instruction& instruction : function.instructions) {
        require(!ptx::to_text(instruction).empty());
        if (instruction.guard) require(instruction.guard->reg < function.registers.size());
        for (const ptx::Operand& operand : instruction.operands) check(operand, function);
      }
    }
  } catch (const ptx::ParseError& error) {
    require(!ptx::to_log(error).empty());
  }
  return 0;
}
