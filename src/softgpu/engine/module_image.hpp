// SPDX-License-Identifier: MIT
// A module in a device's memory.
#pragma once

#include "softgpu/engine/launch.hpp"
#include "softgpu/engine/program.hpp"
#include "softgpu/ptx/ast.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cujitsu::softgpu {

/// The module's variables have addresses; its functions have addresses too, which mean nothing but who they are.
class ModuleImage final : public LoadedModule {
 public:
  ModuleImage(ptx::Module module, AddressSpace& memory);
  ~ModuleImage() override;
  ModuleImage(const ModuleImage&) = delete;
  ModuleImage& operator=(const ModuleImage&) = delete;

  /// Allocates and initialises the variables. False when there is no room or an initialiser is wrong; `error` is set.
  [[nodiscard]] bool place_variables(Error& error);

  std::vector<std::string> kernel_names() const override;
  const KernelFacts* kernel(std::string_view name) const override;
  Global global(std::string_view name) const override;
  unsigned ptx_version() const override { return 10 * module_.version_major + module_.version_minor; }
  unsigned target() const override { return module_.target_number; }

  /// Lowered on first use. nullptr: there is no such kernel.
  [[nodiscard]] const KernelProgram* program(std::string_view name) const;

  // For lowering.
  [[nodiscard]] const ptx::Module& module() const noexcept { return module_; }
  /// The definition if there is one, else a declaration; nullptr: nobody has heard of it.
  [[nodiscard]] const ptx::Function* function(std::string_view name) const noexcept;
  [[nodiscard]] const ptx::Variable* variable(std::string_view name) const noexcept;
  [[nodiscard]] std::uint64_t address_of(const ptx::Variable& variable) const noexcept;
  [[nodiscard]] std::uint64_t address_of(const ptx::Function& function) const noexcept;
  /// nullptr: there is none.
  [[nodiscard]] const ptx::Function* function_at(std::uint64_t address) const noexcept;

  [[nodiscard]] std::string_view file_name(std::uint32_t index) const noexcept;

 private:
  struct Kernel {
    KernelFacts facts;
    KernelProgram program;
  };
  const Kernel* find(std::string_view name) const;
  bool initialise(const ptx::Variable& variable, Error& error);

  ptx::Module module_;
  AddressSpace& memory_;
  std::unordered_map<std::string_view, const ptx::Function*> functions_;
  std::unordered_map<std::string_view, const ptx::Variable*> variables_;
  std::unordered_map<const ptx::Variable*, std::uint64_t> addresses_;
  std::unique_ptr<std::byte[]> function_tags_;  ///< a function's address is that of its tag
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::unique_ptr<Kernel>, std::less<>> kernels_;
};

}  // namespace cujitsu::softgpu
