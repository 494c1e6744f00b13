// SPDX-License-Identifier: MIT
#include "exercise.hpp"

#include "softgpu/engine/address_space.hpp"
#include "softgpu/engine/control.hpp"
#include "softgpu/engine/launch.hpp"
#include "softgpu/engine/module_image.hpp"
#include "softgpu/ptx/describe.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string_view>

namespace cujitsu::softgpu::test {
namespace {

constexpr std::uint64_t memory_bytes = 32u << 20;
constexpr std::uint64_t scratch_bytes = 4096;
constexpr std::uint64_t most_steps = 1u << 16;

void require(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);
}

void check(const ptx::Operand& operand, const ptx::Function& function) {
  using Kind = ptx::Operand::Kind;
  switch (operand.kind) {
    case Kind::reg: require(operand.index < function.registers.size(), "a register"); break;
    case Kind::label: require(operand.index < function.labels.size(), "a label"); break;
    case Kind::prototype: require(operand.index < function.prototypes.size(), "a prototype"); break;
    case Kind::symbol: require(operand.index <= function.variables.size(), "a symbol"); break;
    case Kind::address:
      if (operand.base == ptx::Operand::Base::reg)
        require(operand.index < function.registers.size(), "an address' register");
      if (operand.base == ptx::Operand::Base::symbol)
        require(operand.index <= function.variables.size(), "an address' symbol");
      break;
    default: break;
  }
  for (const ptx::Operand& one : operand.elements) check(one, function);
  for (const ptx::Operand& one : operand.second) check(one, function);
}

/// What the parser promises of its result.
void check(const ptx::Module& module) {
  for (const ptx::Function& function : module.functions) {
    for (const ptx::Label& label : function.labels)
      require(label.instruction <= function.instructions.size(), "a label's place");
    for (const ptx::BranchTargets& targets : function.branch_targets)
      for (const std::uint32_t label : targets.labels) require(label < function.labels.size(), "a branch target");
    for (const ptx::Instruction& instruction : function.instructions) {
      require(!ptx::to_text(instruction).empty(), "an instruction's text");
      if (instruction.guard) require(instruction.guard->reg < function.registers.size(), "a guard");
      for (const ptx::Operand& operand : instruction.operands) check(operand, function);
    }
  }
}

/// An upper bound of the instructions that a thread executes, or most_steps: too many, or nobody knows.
class Steps {
 public:
  std::uint64_t of(const Program& program, unsigned depth = 0) {
    if (depth == deepest_chain) return most_steps;
    const auto [place, is_new] = known_.try_emplace(&program, most_steps);  // a recursion finds that
    if (!is_new) return place->second;
    std::uint64_t sum = program.code.size();
    for (std::size_t i = 0; i < program.code.size() && sum < most_steps; ++i) sum += extra(program, i, depth);
    return known_[&program] = std::min(sum, most_steps);
  }

 private:
  static constexpr unsigned deepest_chain = 100;  // of calls, as this follows them by recursion

  std::uint64_t extra(const Program& program, std::size_t index, unsigned depth) {
    const Instruction& in = program.code[index];
    if (in.whole == control::branch || in.whole == control::branch_if) return in.immediate > 0 ? 0 : most_steps;
    if (in.whole == control::branch_indexed) {
      const auto& targets = static_cast<const BranchTable*>(in.data)->targets;
      return std::ranges::all_of(targets, [&](std::uint32_t target) { return target > index; }) ? 0 : most_steps;
    }
    if (in.whole != control::call) return 0;
    const auto* target = static_cast<const CallSite*>(in.data)->target;
    return target == nullptr ? most_steps : of(*target, depth + 1);
  }

  std::map<const Program*, std::uint64_t> known_;
};

/// One for all inputs, as reserving addresses takes longer than the rest.
AddressSpace& memory() {
  static AddressSpace space(memory_bytes);
  return space;
}

std::uint64_t scratch() {
  static const std::uint64_t address = memory().allocate(scratch_bytes);
  return address;
}

LaunchOutcome run_once(const std::shared_ptr<LoadedModule>& module, const KernelFacts& facts) {
  LaunchRequest request;
  request.module = module;
  request.kernel = facts.name;
  request.block = {48, 1, 1};  // a full warp and a part of one
  request.dynamic_shared_bytes = 256;
  request.heap_bytes = 64 * 1024;
  request.parameters.resize(facts.parameter_bytes);
  const std::uint64_t address = scratch();  // whatever the parameters are, most are pointers
  for (std::size_t at = 0; at + sizeof address <= request.parameters.size(); at += sizeof address)
    std::memcpy(request.parameters.data() + at, &address, sizeof address);
  return run(memory(), request, [](std::string_view) {});
}

}  // namespace

Exercised exercise(const std::string& text) {
  Exercised result;
  LoadedModule::Error error;
  const auto module = LoadedModule::load(text, memory(), error);
  if (module == nullptr) {
    require(error.code != 0 && !error.log.empty(), "a failed load without a reason");
    result.code = error.code;
    result.log = error.log;
    return result;
  }
  auto& image = static_cast<ModuleImage&>(*module);
  check(image.module());
  Steps steps;
  for (const std::string& name : module->kernel_names()) {
    ++result.kernels;
    const KernelFacts* facts = module->kernel(name);
    require(facts != nullptr, "a kernel that is named but not there");
    if (const std::string why = why_not_runnable(*module, name); !why.empty()) {
      if (result.refused++ == 0) result.why = why;
      continue;
    }
    if (steps.of(*image.program(name)->entry) >= most_steps) continue;
    ++result.run;
    const LaunchOutcome outcome = run_once(module, *facts);
    require(outcome.code == 0 || !outcome.message.empty(), "a fault without a message");
    if (outcome.code != 0 && result.fault.empty()) result.fault = outcome.message;
  }
  return result;
}

}  // namespace cujitsu::softgpu::test
