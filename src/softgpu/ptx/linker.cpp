// SPDX-License-Identifier: MIT
#include "softgpu/ptx/linker.hpp"

#include "softgpu/ptx/describe.hpp"
#include "softgpu/ptx/symbols.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace cujitsu::softgpu::ptx {
namespace {

using Kind = LinkError::Kind;
using Linkage = Variable::Linkage;

bool is_local(const Function& function) { return function.linkage == Linkage::none && !function.is_entry; }
bool is_local(const Variable& variable) { return variable.linkage == Linkage::none; }

std::string_view name_of(const Function& function) { return function.prototype.name; }
std::string_view name_of(const Variable& variable) { return variable.name; }

bool have_same_layout(const std::vector<Variable>& left, const std::vector<Variable>& right) {
  return std::ranges::equal(left, right, [](const Variable& one, const Variable& other) {
    return one.bytes() == other.bytes() && one.align() == other.align();
  });
}

[[noreturn]] void fail(Kind kind, std::string_view what, std::string_view name, std::string_view unit,
                       std::string_view first_unit, const char* first) {
  throw LinkError(kind, fmt::format("{} '{}' in '{}', first {} in '{}'", what, name, unit, first, first_unit));
}

}  // namespace

bool Linker::Symbol::is_defined() const noexcept {
  return function != nullptr ? function->is_defined : variable->linkage != Linkage::external;
}

bool Linker::Symbol::is_strong() const noexcept {
  const auto linkage = function != nullptr ? function->linkage : variable->linkage;
  return is_defined() && linkage != Linkage::weak && linkage != Linkage::common;
}

void Linker::add(std::string name, Module module) {
  units_.push_back(std::make_unique<Unit>(Unit{std::move(name), std::move(module)}));
  const auto& unit = *units_.back();
  for (const auto& function : unit.module.functions)
    if (!is_local(function)) enter({&unit, &function, nullptr}, name_of(function));
  for (const auto& variable : unit.module.variables)
    if (!is_local(variable)) enter({&unit, nullptr, &variable}, name_of(variable));
}

void Linker::enter(const Symbol& symbol, std::string_view name) {
  auto& known = symbols_[name];
  if (known.unit == nullptr) {
    known = symbol;
    return;
  }
  const auto refuse = [&](Kind kind, const char* what, const char* first) {
    fail(kind, what, name, symbol.unit->name, known.unit->name, first);
  };
  if ((known.function == nullptr) != (symbol.function == nullptr) || (known.is_strong() && symbol.is_strong()))
    refuse(Kind::multiple, "Multiple definition of", "defined");
  if (symbol.function != nullptr) {
    const auto& one = known.function->prototype;
    const auto& other = symbol.function->prototype;
    if (!have_same_layout(one.results, other.results) || !have_same_layout(one.parameters, other.parameters))
      refuse(Kind::prototype, "Prototype doesn't match for", "defined");
  } else {
    const auto& one = *known.variable;
    const auto& other = *symbol.variable;
    const bool may_differ =
        one.is_unsized || other.is_unsized || (one.linkage == Linkage::common && other.linkage == Linkage::common);
    if (one.space != other.space || (!may_differ && one.bytes() != other.bytes()))
      refuse(Kind::size, "Size doesn't match for", "specified");
    // Of tentative definitions the largest counts, of declarations the one that asks for most.
    const bool are_alike = one.linkage == other.linkage && (one.linkage == Linkage::common || !symbol.is_defined());
    if (are_alike && std::pair(other.bytes(), other.align()) > std::pair(one.bytes(), one.align())) known = symbol;
  }
  if ((!known.is_defined() && symbol.is_defined()) || (!known.is_strong() && symbol.is_strong())) known = symbol;
}

void Linker::check_defined(const std::function<bool(std::string_view)>& is_provided) const {
  for (const auto& unit : units_) {
    std::unordered_set<std::string_view> used;
    visit_symbols(std::as_const(unit->module), [&](std::string_view name) { used.insert(name); });
    const auto check = [&](std::string_view name) {
      if (const auto& symbol = symbols_.at(name); used.contains(name) && !symbol.is_defined())
        throw LinkError(Kind::undefined, fmt::format("Undefined reference to '{}' in '{}'", name, unit->name));
    };
    for (const auto& function : unit->module.functions)
      if (!is_local(function) && !is_provided(name_of(function))) check(name_of(function));
    for (const auto& variable : unit->module.variables)
      if (!is_local(variable) && variable.space != Space::shared) check(name_of(variable));
  }
}

void Linker::check_constants() const {
  std::uint64_t bytes = 0;
  for (const auto& unit : units_)
    for (const auto& variable : unit->module.variables)
      if (variable.space == Space::constant && is_taken({unit.get(), nullptr, &variable}, variable.name))
        bytes += variable.bytes();
  if (bytes > constant_bank_bytes) throw LinkError(Kind::constants, too_much_constant_data(bytes));
}

/// Whether it goes into the linked module: everything local, and of the shared symbols what its name means.
bool Linker::is_taken(const Symbol& symbol, std::string_view name) const {
  if (symbol.function != nullptr ? is_local(*symbol.function) : is_local(*symbol.variable)) return true;
  const auto& meaning = symbols_.at(name);
  return meaning.function == symbol.function && meaning.variable == symbol.variable;
}

/// A name that two units have for different things becomes another in those whose own it is: "f@2".
void Linker::rename_locals() {
  std::unordered_set<std::string_view> taken;
  for (const auto& [name, symbol] : symbols_) taken.insert(name);
  for (std::size_t number = 0; number < units_.size(); ++number) {
    auto& module = units_[number]->module;
    std::unordered_map<std::string_view, std::string_view> renamed;
    std::unordered_set<std::string_view> own;
    const auto consider = [&](const auto& symbol) {
      const auto name = name_of(symbol);
      if (!is_local(symbol) || !own.insert(name).second || !taken.contains(name)) return;
      new_names_.push_back(std::make_shared<const std::string>(fmt::format("{}@{}", name, number + 1)));
      renamed.emplace(name, *new_names_.back());
    };
    for (const auto& function : module.functions) consider(function);
    for (const auto& variable : module.variables) consider(variable);
    taken.insert(own.begin(), own.end());
    if (renamed.empty()) continue;
    const auto rename = [&](std::string_view& name) {
      if (const auto it = renamed.find(name); it != renamed.end()) name = it->second;
    };
    visit_symbols(module, rename);
    for (auto& function : module.functions)
      if (is_local(function)) rename(function.prototype.name);
    for (auto& variable : module.variables)
      if (is_local(variable)) rename(variable.name);
  }
}

Module Linker::finish(const std::function<bool(std::string_view)>& is_provided) && {
  check_defined(is_provided);
  check_constants();
  rename_locals();
  Module linked;
  for (auto& unit : units_) {
    auto& module = unit->module;
    if (std::pair(module.version_major, module.version_minor) > std::pair(linked.version_major, linked.version_minor)) {
      linked.version_major = module.version_major;
      linked.version_minor = module.version_minor;
    }
    if (module.target_number >= linked.target_number) {
      linked.target = module.target;
      linked.target_number = module.target_number;
      linked.target_suffix = module.target_suffix;
    }
    const auto first_file = linked.files.empty() ? 0 : linked.files.back().index;
    for (auto& file : module.files) linked.files.push_back({file.index + first_file, std::move(file.name)});
    std::ranges::sort(linked.files, {}, &SourceFile::index);
    // Copied, since `symbols_` points to them until all are taken.
    for (auto& variable : module.variables)
      if (is_taken({unit.get(), nullptr, &variable}, variable.name)) linked.variables.push_back(variable);
    for (auto& function : module.functions) {
      if (!is_taken({unit.get(), &function, nullptr}, name_of(function))) continue;
      for (auto& instruction : function.instructions)
        if (instruction.location.file != 0) instruction.location.file += first_file;
      linked.functions.push_back(function);
    }
    linked.texts.insert(linked.texts.end(), module.texts.begin(), module.texts.end());
  }
  linked.texts.insert(linked.texts.end(), new_names_.begin(), new_names_.end());
  return linked;
}

}  // namespace cujitsu::softgpu::ptx
