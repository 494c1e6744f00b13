// SPDX-License-Identifier: MIT
#include "softgpu/engine/checks/flow.hpp"

namespace cujitsu::softgpu {
namespace {

template <class Body>
void for_successors(const ptx::Function& function, std::uint32_t index, const Body& body) {
  const auto& in = function.instructions[index];
  const auto visit_label = [&](const ptx::Operand& operand) {
    if (operand.kind == ptx::Operand::Kind::label) body(function.labels[operand.index].instruction);
  };
  const bool is_branch = in.opcode == "bra" || in.opcode == "brx";
  if (is_branch) {
    for (const auto& operand : in.operands) {
      visit_label(operand);
      for (const auto& element : operand.elements) visit_label(element);
    }
  }
  const bool ends = is_branch || in.opcode == "ret" || in.opcode == "exit" || in.opcode == "trap";
  if (!ends || in.guard) body(index + 1);
}

}  // namespace

bool can_follow(const ptx::Function& function, std::uint32_t from, std::uint32_t to) {
  const auto count = function.instructions.size();
  if (from >= count || to >= count) return false;
  std::vector<bool> seen(count, false);
  std::vector<std::uint32_t> open{from};
  while (!open.empty()) {
    const auto at = open.back();
    open.pop_back();
    for_successors(function, at, [&](std::uint32_t next) {
      if (next >= count || seen[next]) return;
      seen[next] = true;
      open.push_back(next);
    });
  }
  return seen[to];
}

}  // namespace cujitsu::softgpu
