// SPDX-License-Identifier: MIT
// Where the variables of functions lie: shared memory of a kernel; .local and .param variables of a frame.
#pragma once

#include "softgpu/engine/program.hpp"
#include "softgpu/ptx/ast.hpp"

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace cujitsu::softgpu {

class ModuleImage;

/// Where a symbol of a function's text leads.
struct Symbol {
  enum class Kind : std::uint8_t { none, memory, shared, local, kernel_parameter, call_parameter, function };
  Kind kind = Kind::none;
  std::uint64_t value = 0;  ///< address, or offset in its space
  std::uint32_t bytes = 0;
  const ptx::Function* function = nullptr;
};

/// Everything a kernel can reach: its functions, and the place of their shared variables.
class KernelLayout {
 public:
  KernelLayout(const ModuleImage& image, const ptx::Function& entry);

  [[nodiscard]] const std::vector<const ptx::Function*>& functions() const noexcept { return functions_; }
  [[nodiscard]] std::uint64_t static_shared_bytes() const noexcept { return static_bytes_; }
  [[nodiscard]] std::uint32_t dynamic_shared_offset() const noexcept { return dynamic_offset_; }
  [[nodiscard]] const std::uint32_t* shared_offset(const ptx::Variable& variable) const;
  [[nodiscard]] std::vector<SharedVariable> shared_variables() const;
  [[nodiscard]] bool uses_grid_barrier() const noexcept { return uses_grid_barrier_; }

 private:
  void add(const ptx::Function& function);
  using Variables = std::unordered_map<std::string_view, const ptx::Variable*>;
  void visit(const Variables& own, const ptx::Operand& operand);
  void add_shared(const ptx::Variable& variable);

  const ModuleImage& image_;
  std::vector<const ptx::Function*> functions_;
  std::unordered_set<const ptx::Function*> seen_;
  std::unordered_map<const ptx::Variable*, std::uint32_t> shared_;
  std::vector<const ptx::Variable*> dynamic_;
  std::uint64_t static_bytes_ = 0;
  std::uint32_t dynamic_offset_ = 0;
  bool uses_grid_barrier_ = false;
};

/// One function's own variables.
class FrameLayout {
 public:
  FrameLayout(const ModuleImage& image, const KernelLayout& kernel, const ptx::Function& function);

  [[nodiscard]] Symbol find(std::string_view name) const;
  [[nodiscard]] std::uint64_t local_bytes() const noexcept { return local_bytes_; }
  [[nodiscard]] std::uint64_t call_bytes() const noexcept { return call_bytes_; }
  [[nodiscard]] const std::vector<ParamPiece>& parameters() const noexcept { return parameters_; }
  [[nodiscard]] const std::vector<ParamPiece>& results() const noexcept { return results_; }

 private:
  const ModuleImage& image_;
  const KernelLayout& kernel_;
  std::unordered_map<std::string_view, Symbol> symbols_;
  std::uint64_t local_bytes_ = 0;
  std::uint64_t call_bytes_ = 0;
  std::vector<ParamPiece> parameters_;
  std::vector<ParamPiece> results_;
};

/// One after the other, each at its own alignment. Returns the bytes of all: where that is more than 32 bits hold, the
/// pieces mean nothing.
std::uint64_t lay_out(const std::vector<ptx::Variable>& variables, std::vector<ParamPiece>& pieces);

}  // namespace cujitsu::softgpu
