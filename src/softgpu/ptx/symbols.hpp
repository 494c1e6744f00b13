// SPDX-License-Identifier: MIT
// Where a module names its variables and functions.
#pragma once

#include "softgpu/ptx/ast.hpp"

#include <algorithm>
#include <vector>

namespace cujitsu::softgpu::ptx {
namespace symbols_detail {

template <class Name, class Operands>
void visit_operands(Operands& operands, const Function& function, Name& name) {
  const auto is_parameter = [&](std::string_view word) {
    const auto has_it = [&](const std::vector<Variable>& list) {
      return std::ranges::any_of(list, [&](const Variable& each) { return each.name == word; });
    };
    return has_it(function.prototype.parameters) || has_it(function.prototype.results);
  };
  for (auto& operand : operands) {
    const bool names_one = operand.kind == Operand::Kind::symbol ||
                           (operand.kind == Operand::Kind::address && operand.base == Operand::Base::symbol);
    if (names_one && operand.index == 0 && !is_parameter(operand.name)) name(operand.name);
    visit_operands(operand.elements, function, name);
    visit_operands(operand.second, function, name);
  }
}

template <class Name, class Variables>
void visit_values(Variables& variables, Name& name) {
  for (auto& variable : variables)
    for (auto& value : variable.values)
      if (!value.symbol.empty()) name(value.symbol);
}

}  // namespace symbols_detail

/// Calls `name` with each string_view (of a Module: by reference, to be changed) by which code or an initialiser names a
/// variable or function of the module. Variables and parameters of functions are none.
template <class AnyModule, class Name>
void visit_symbols(AnyModule& module, Name&& name) {
  symbols_detail::visit_values(module.variables, name);
  for (auto& function : module.functions) {
    symbols_detail::visit_values(function.variables, name);
    for (auto& instruction : function.instructions)
      symbols_detail::visit_operands(instruction.operands, function, name);
  }
}

}  // namespace cujitsu::softgpu::ptx
