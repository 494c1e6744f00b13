// SPDX-License-Identifier: MIT
#include "softgpu/engine/layout.hpp"

#include "softgpu/engine/module_image.hpp"

#include <algorithm>

namespace cujitsu::softgpu {
namespace {

std::uint64_t round_up(std::uint64_t value, std::uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

bool calls_by_pointer(const ptx::Instruction& in) {
  return in.opcode == "call" && in.operands.size() > 1 && in.operands[1].kind == ptx::Operand::Kind::reg;
}

}  // namespace

std::uint64_t lay_out(const std::vector<ptx::Variable>& variables, std::vector<ParamPiece>& pieces) {
  std::uint64_t end = 0;
  for (const auto& variable : variables) {
    const auto offset = round_up(end, std::max(variable.align(), 1u));
    pieces.push_back({static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(variable.bytes())});
    end = offset + variable.bytes();
  }
  return end;
}

KernelLayout::KernelLayout(const ModuleImage& image, const ptx::Function& entry) : image_(image) {
  add(entry);
  // By a list and not by recursion: chains of calls may be as long as the text.
  bool all_added = false;
  for (std::size_t i = 0; i < functions_.size(); ++i) {
    Variables own;  // of equal names the first
    for (const auto& variable : functions_[i]->variables) own.emplace(variable.name, &variable);
    for (const auto& instruction : functions_[i]->instructions)
      for (const auto& operand : instruction.operands) visit(own, operand);
    // Whoever calls by pointer may reach any function that has an address.
    if (all_added || std::ranges::none_of(functions_[i]->instructions, calls_by_pointer)) continue;
    for (const auto& function : image.module().functions)
      if (!function.is_entry) add(function);
    all_added = true;
  }
  auto behind = round_up(static_bytes_, 16);
  for (const auto* variable : dynamic_) behind = round_up(behind, std::max(variable->align(), 1u));
  dynamic_offset_ = static_cast<std::uint32_t>(behind);
  for (const auto* variable : dynamic_) shared_[variable] = dynamic_offset_;
}

const std::uint32_t* KernelLayout::shared_offset(const ptx::Variable& variable) const {
  const auto it = shared_.find(&variable);
  return it == shared_.end() ? nullptr : &it->second;
}

std::vector<SharedVariable> KernelLayout::shared_variables() const {
  std::vector<SharedVariable> variables;
  for (const auto& [variable, offset] : shared_)
    variables.push_back({std::string(variable->name), offset,
                         variable->is_unsized ? 0 : static_cast<std::uint32_t>(variable->bytes())});
  return variables;
}

void KernelLayout::add(const ptx::Function& function) {
  if (function.is_defined && seen_.insert(&function).second) functions_.push_back(&function);
}

void KernelLayout::visit(const Variables& own, const ptx::Operand& operand) {
  for (const auto& element : operand.elements) visit(own, element);
  using Kind = ptx::Operand::Kind;
  if (operand.kind == Kind::special && operand.special == ptx::Special::envreg && operand.component != 0)
    uses_grid_barrier_ = true;
  const bool is_symbol =
      operand.kind == Kind::symbol || (operand.kind == Kind::address && operand.base == ptx::Operand::Base::symbol);
  if (!is_symbol) return;
  const auto found = own.find(operand.name);
  const auto* variable = found != own.end() ? found->second : image_.variable(operand.name);
  if (variable != nullptr && variable->space == ptx::Space::shared) add_shared(*variable);
  if (variable == nullptr)
    if (const auto* callee = image_.function(operand.name)) add(*callee);
}

void KernelLayout::add_shared(const ptx::Variable& variable) {
  if (!shared_.emplace(&variable, 0).second) return;
  if (variable.is_unsized) {
    dynamic_.push_back(&variable);
    return;
  }
  const auto offset = round_up(static_bytes_, std::max(variable.align(), 1u));
  shared_[&variable] = static_cast<std::uint32_t>(offset);
  static_bytes_ = offset + variable.bytes();
}

FrameLayout::FrameLayout(const ModuleImage& image, const KernelLayout& kernel, const ptx::Function& function)
    : image_(image), kernel_(kernel) {
  if (function.is_entry) {
    lay_out(function.prototype.parameters, parameters_);
    for (std::size_t i = 0; i < parameters_.size(); ++i)
      symbols_[function.prototype.parameters[i].name] = {Symbol::Kind::kernel_parameter, parameters_[i].offset,
                                                         parameters_[i].bytes, nullptr};
  } else {
    const auto add = [&](const ptx::Variable& variable, std::vector<ParamPiece>& pieces) {
      const auto offset = round_up(call_bytes_, std::max(variable.align(), 1u));
      const auto bytes = static_cast<std::uint32_t>(variable.bytes());
      pieces.push_back({static_cast<std::uint32_t>(offset), bytes});
      symbols_[variable.name] = {Symbol::Kind::call_parameter, offset, bytes, nullptr};
      call_bytes_ = offset + variable.bytes();
    };
    for (const auto& result : function.prototype.results) add(result, results_);
    for (const auto& parameter : function.prototype.parameters) add(parameter, parameters_);
  }
  // Names repeat in scopes that follow each other (param0 of every call): the largest serves all.
  std::unordered_map<std::string_view, std::pair<std::uint64_t, unsigned>> sizes;
  for (const auto& variable : function.variables) {
    auto& [bytes, alignment] = sizes[variable.name];
    bytes = std::max(bytes, variable.bytes());
    alignment = std::max({alignment, variable.align(), 1u});
  }
  for (const auto& variable : function.variables) {
    if (symbols_.contains(variable.name)) continue;
    const auto [bytes, alignment] = sizes[variable.name];
    const auto size = static_cast<std::uint32_t>(bytes);
    switch (variable.space) {
      case ptx::Space::local: {
        const auto offset = round_up(local_bytes_, alignment);
        symbols_[variable.name] = {Symbol::Kind::local, offset, size, nullptr};
        local_bytes_ = offset + bytes;
        break;
      }
      case ptx::Space::param: {
        const auto offset = round_up(call_bytes_, alignment);
        symbols_[variable.name] = {Symbol::Kind::call_parameter, offset, size, nullptr};
        call_bytes_ = offset + bytes;
        break;
      }
      case ptx::Space::shared:
        if (const auto* offset = kernel.shared_offset(variable))
          symbols_[variable.name] = {Symbol::Kind::shared, *offset, size, nullptr};
        break;
      default: symbols_[variable.name] = {Symbol::Kind::memory, image.address_of(variable), size, nullptr};
    }
  }
}

Symbol FrameLayout::find(std::string_view name) const {
  if (const auto it = symbols_.find(name); it != symbols_.end()) return it->second;
  if (const auto* variable = image_.variable(name)) {
    if (variable->space == ptx::Space::shared) {
      const auto* offset = kernel_.shared_offset(*variable);
      return offset == nullptr ? Symbol{} : Symbol{Symbol::Kind::shared, *offset, 0, nullptr};
    }
    return {Symbol::Kind::memory, image_.address_of(*variable), static_cast<std::uint32_t>(variable->bytes()), nullptr};
  }
  if (const auto* function = image_.function(name))
    return {Symbol::Kind::function, image_.address_of(*function), 0, function};
  return {};
}

}  // namespace cujitsu::softgpu
