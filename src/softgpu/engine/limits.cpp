// SPDX-License-Identifier: MIT
#include "softgpu/engine/limits.hpp"

#include "softgpu/engine/layout.hpp"
#include "softgpu/engine/module_image.hpp"

#include <fmt/format.h>

#include <vector>

namespace cujitsu::softgpu {
namespace {

constexpr std::uint64_t most_shared_bytes = 48 * 1024;
constexpr std::uint64_t most_parameter_bytes = 4352;
constexpr std::uint64_t most_parameter_bytes_since_81 = 32764;

std::uint64_t shared_bytes(const std::vector<ptx::Variable>& variables) {
  std::uint64_t bytes = 0;
  for (const auto& variable : variables)
    if (variable.space == ptx::Space::shared) bytes += variable.bytes() + variable.align();
  return bytes;
}

/// An upper bound for every kernel, so that only the layouts of extraordinary modules are made at load.
std::uint64_t all_shared_bytes(const ptx::Module& module) {
  auto bytes = shared_bytes(module.variables);
  for (const auto& function : module.functions) bytes += shared_bytes(function.variables);
  return bytes;
}

}  // namespace

std::string why_beyond_limits(const ModuleImage& image) {
  const auto& module = image.module();
  const auto most_parameters = image.ptx_version() >= 81 ? most_parameter_bytes_since_81 : most_parameter_bytes;
  const bool may_exceed_shared = all_shared_bytes(module) > most_shared_bytes;
  for (const auto& function : module.functions) {
    if (!function.is_entry || !function.is_defined) continue;
    const auto why = [&](const char* what, std::uint64_t bytes, std::uint64_t most) {
      return fmt::format(
          "ptxas application ptx input, line {}; error   : Entry function '{}' uses too much {} "
          "({:#x} bytes, {:#x} max)",
          function.ptx_line, function.prototype.name, what, bytes, most);
    };
    std::vector<ParamPiece> pieces;
    if (const auto bytes = lay_out(function.prototype.parameters, pieces); bytes > most_parameters)
      return why("parameter space", bytes, most_parameters);
    if (!may_exceed_shared) continue;
    if (const auto bytes = KernelLayout(image, function).static_shared_bytes(); bytes > most_shared_bytes)
      return why("shared data", bytes, most_shared_bytes);
  }
  return {};
}

}  // namespace cujitsu::softgpu
