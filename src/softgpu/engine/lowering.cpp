// SPDX-License-Identifier: MIT
#include "softgpu/engine/lowering.hpp"

#include "softgpu/engine/checks/observe.hpp"
#include "softgpu/engine/function_lowering.hpp"
#include "softgpu/engine/layout.hpp"
#include "softgpu/engine/module_image.hpp"
#include "softgpu/engine/settings.hpp"

#include <algorithm>
#include <array>

namespace cujitsu::softgpu {

bool is_runtime_function(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 4> names{"vprintf", "malloc", "free", "__assertfail"};
  return std::ranges::find(names, name) != names.end();
}

void lower_kernel(const ModuleImage& image, const ptx::Function& entry, KernelProgram& kernel) {
  const KernelLayout layout(image, entry);
  kernel.name = entry.prototype.name;
  kernel.static_shared_bytes = static_cast<std::uint32_t>(layout.static_shared_bytes());  // check_limits() has seen it
  kernel.dynamic_shared_offset = layout.dynamic_shared_offset();
  kernel.shared_variables = layout.shared_variables();
  kernel.uses_grid_barrier = layout.uses_grid_barrier();
  std::vector<ParamPiece> parameters;
  kernel.parameter_bytes = static_cast<std::uint32_t>(lay_out(entry.prototype.parameters, parameters));
  for (const auto* function : layout.functions()) kernel.programs[function].function = function;
  kernel.entry = &kernel.programs[&entry];
  for (const auto* function : layout.functions()) {
    FunctionLowering lowering(image, layout, kernel, *function);
    lowering.run();
    if (!lowering.why_not().empty() && kernel.why_not.empty()) kernel.why_not = lowering.why_not();
  }
  if (settings().checks.any() && kernel.why_not.empty()) observe(kernel);
}

KernelFacts describe_kernel(const ModuleImage& image, const ptx::Function& entry, const KernelProgram& kernel) {
  KernelFacts facts;
  facts.name = kernel.name;
  std::vector<ParamPiece> parameters;
  facts.parameter_bytes = static_cast<std::uint32_t>(lay_out(entry.prototype.parameters, parameters));
  for (const auto& piece : parameters) facts.parameters.push_back({piece.offset, piece.bytes});
  facts.static_shared_bytes = kernel.static_shared_bytes;
  facts.local_bytes = kernel.entry->local_bytes;
  for (const auto& variable : image.module().variables)
    if (variable.space == ptx::Space::constant) facts.constant_bytes += static_cast<std::uint32_t>(variable.bytes());
  // What a compiler would allot is unknown; PTX has a register for each value. At most 64, with which a block of 1024
  // threads can still be launched, as nearly all kernels can.
  facts.registers = std::clamp<std::uint32_t>(kernel.entry->register_words, 16, 64);
  if (entry.max_registers != 0) facts.registers = std::min(facts.registers, entry.max_registers);
  facts.max_threads = entry.max_threads;
  facts.required_threads = entry.required_threads;
  facts.uses_grid_barrier = kernel.uses_grid_barrier;
  return facts;
}

}  // namespace cujitsu::softgpu
