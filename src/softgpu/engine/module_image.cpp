// SPDX-License-Identifier: MIT
#include "softgpu/engine/module_image.hpp"

#include "softgpu/engine/limits.hpp"
#include "softgpu/engine/load_errors.hpp"
#include "softgpu/engine/lowering.hpp"
#include "softgpu/ptx/describe.hpp"
#include "softgpu/ptx/link_image.hpp"
#include "softgpu/ptx/symbols.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <unordered_set>
#include <utility>

namespace cujitsu::softgpu {
namespace {

constexpr std::size_t tag_bytes = 16;

bool has_memory(const ptx::Variable& variable) {
  return variable.space == ptx::Space::global || variable.space == ptx::Space::constant;
}

/// The units of a linked image as one module, any other text as it is.
ptx::Module parse_all(std::string text) {
  auto units = ptx::unpack_units(std::move(text));
  if (units.size() == 1) return ptx::parse(std::move(units.front().text));
  ptx::Linker linker;
  for (auto& unit : units) linker.add(std::move(unit.name), ptx::parse(std::move(unit.text)));
  return std::move(linker).finish(is_runtime_function);
}

/// The first function that is used but defined nowhere, neither here nor in the device runtime.
const ptx::Function* unresolved(const ModuleImage& image) {
  std::unordered_set<std::string_view> used;
  ptx::visit_symbols(image.module(), [&](std::string_view name) { used.insert(name); });
  for (const auto& function : image.module().functions)
    if (!function.is_defined && used.contains(function.prototype.name) &&
        !is_runtime_function(function.prototype.name) && !image.function(function.prototype.name)->is_defined &&
        function.linkage == ptx::Variable::Linkage::external)
      return &function;
  return nullptr;
}

}  // namespace

std::shared_ptr<LoadedModule> LoadedModule::load(std::string text, AddressSpace& memory, Error& error) {
  try {
    auto image = std::make_shared<ModuleImage>(parse_all(std::move(text)), memory);
    if (const auto* function = unresolved(*image)) {
      error = {218, fmt::format("ptxas fatal   : Unresolved extern function '{}'", function->prototype.name)};
      return nullptr;
    }
    if (const auto log = why_beyond_limits(*image); !log.empty()) {
      error = {218, log};
      return nullptr;
    }
    if (!image->place_variables(error)) return nullptr;
    return image;
  } catch (const ptx::ParseError& failure) {
    error = to_error(failure);
  } catch (const ptx::LinkError& failure) {
    error = to_error(failure);
  } catch (const std::bad_alloc&) {
    error = {2, "out of memory while loading a module"};
  }
  return nullptr;
}

ModuleImage::ModuleImage(ptx::Module module, AddressSpace& memory) : module_(std::move(module)), memory_(memory) {
  function_tags_ = std::make_unique<std::byte[]>(tag_bytes * (module_.functions.size() + 1));
  for (const auto& function : module_.functions) {
    auto& known = functions_[function.prototype.name];
    if (known == nullptr || function.is_defined) known = &function;
  }
  for (const auto& variable : module_.variables) {
    auto& known = variables_[variable.name];
    if (known == nullptr || variable.linkage != ptx::Variable::Linkage::external) known = &variable;
  }
}

ModuleImage::~ModuleImage() {
  for (const auto& [variable, address] : addresses_) memory_.release(address);
}

bool ModuleImage::place_variables(Error& error) {
  std::uint64_t constants = 0;
  const auto place = [&](const ptx::Variable& variable) {
    if (!has_memory(variable) || addresses_.contains(&variable)) return true;
    const auto bytes = std::max<std::uint64_t>(variable.bytes(), 1);
    const bool is_constant = variable.space == ptx::Space::constant;
    if (is_constant && (constants += variable.bytes()) > ptx::constant_bank_bytes) {
      error = {218, "ptxas error   : " + ptx::too_much_constant_data(constants)};
      return false;
    }
    const auto address = memory_.allocate(bytes, is_constant ? Allocation::Kind::constant : Allocation::Kind::device,
                                          variable.name, std::max<std::uint64_t>(variable.align(), 256));
    if (address == 0) {
      error = {2, fmt::format("out of memory: variable '{}' has {} bytes", variable.name, bytes)};
      return false;
    }
    std::memset(reinterpret_cast<void*>(address), 0, bytes);
    memory_.mark_written(address, bytes);
    addresses_.emplace(&variable, address);
    return true;
  };
  for (const auto& [name, variable] : variables_)
    if (!place(*variable)) return false;
  for (const auto& function : module_.functions)
    for (const auto& variable : function.variables)
      if (!place(variable)) return false;
  for (const auto& [variable, address] : addresses_)
    if (!initialise(*variable, error)) return false;
  return true;
}

bool ModuleImage::initialise(const ptx::Variable& variable, Error& error) {
  auto* const at = reinterpret_cast<std::byte*>(addresses_.at(&variable));
  const auto element = ptx::bits_of(variable.type) / 8;
  const auto count = std::min<std::uint64_t>(variable.values.size(), element == 0 ? 0 : variable.bytes() / element);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& value = variable.values[i];
    std::uint64_t bits = value.bits;
    if (!value.symbol.empty()) {
      const auto* target = this->variable(value.symbol);
      const auto* callee = function(value.symbol);
      if ((target == nullptr || !addresses_.contains(target)) && callee == nullptr) {
        error = {218, fmt::format("ptxas application ptx input, line {}; error   : Unknown symbol '{}'",
                                  variable.ptx_line, value.symbol)};
        return false;
      }
      bits += target != nullptr ? address_of(*target) : address_of(*callee);
      if (value.mask != 0) bits = (bits & value.mask) >> std::countr_zero(value.mask);
    }
    std::memcpy(at + i * element, &bits, std::min<std::size_t>(element, sizeof bits));  // little-endian
  }
  return true;
}

const ptx::Function* ModuleImage::function(std::string_view name) const noexcept {
  const auto it = functions_.find(name);
  return it == functions_.end() ? nullptr : it->second;
}

const ptx::Variable* ModuleImage::variable(std::string_view name) const noexcept {
  const auto it = variables_.find(name);
  return it == variables_.end() ? nullptr : it->second;
}

std::uint64_t ModuleImage::address_of(const ptx::Variable& variable) const noexcept {
  const auto it = addresses_.find(&variable);
  return it == addresses_.end() ? 0 : it->second;
}

std::uint64_t ModuleImage::address_of(const ptx::Function& function) const noexcept {
  const auto index = static_cast<std::size_t>(&function - module_.functions.data());
  return reinterpret_cast<std::uint64_t>(function_tags_.get() + tag_bytes * (index + 1));
}

const ptx::Function* ModuleImage::function_at(std::uint64_t address) const noexcept {
  const auto first = reinterpret_cast<std::uint64_t>(function_tags_.get());
  if (address <= first || (address - first) % tag_bytes != 0) return nullptr;
  const auto index = (address - first) / tag_bytes - 1;
  return index < module_.functions.size() ? &module_.functions[index] : nullptr;
}

std::string_view ModuleImage::file_name(std::uint32_t index) const noexcept {
  for (const auto& file : module_.files)
    if (file.index == index) return file.name;
  return "?";
}

std::vector<std::string> ModuleImage::kernel_names() const {
  std::vector<std::string> names;
  for (const auto& function : module_.functions)
    if (function.is_entry && function.is_defined) names.emplace_back(function.prototype.name);
  return names;
}

const ModuleImage::Kernel* ModuleImage::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  if (const auto it = kernels_.find(name); it != kernels_.end()) return it->second.get();
  const auto* function = this->function(name);
  if (function == nullptr || !function->is_entry || !function->is_defined) return nullptr;
  auto kernel = std::make_unique<Kernel>();
  lower_kernel(*this, *function, kernel->program);
  auto& facts = kernel->facts;
  facts = describe_kernel(*this, *function, kernel->program);
  return kernels_.emplace(std::string(name), std::move(kernel)).first->second.get();
}

const KernelFacts* ModuleImage::kernel(std::string_view name) const {
  const auto* kernel = find(name);
  return kernel == nullptr ? nullptr : &kernel->facts;
}

const KernelProgram* ModuleImage::program(std::string_view name) const {
  const auto* kernel = find(name);
  return kernel == nullptr ? nullptr : &kernel->program;
}

LoadedModule::Global ModuleImage::global(std::string_view name) const {
  const auto* variable = this->variable(name);
  if (variable == nullptr || !has_memory(*variable)) return {};
  return {address_of(*variable), variable->bytes()};
}

std::string why_not_runnable(LoadedModule& module, std::string_view kernel) {
  const auto* program = static_cast<ModuleImage&>(module).program(kernel);
  return program == nullptr ? fmt::format("there is no kernel '{}'", kernel) : program->why_not;
}

}  // namespace cujitsu::softgpu
