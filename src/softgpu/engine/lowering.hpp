// SPDX-License-Identifier: MIT
// From PTX to programs.
#pragma once

#include "softgpu/engine/launch.hpp"
#include "softgpu/engine/program.hpp"

#include <string_view>

namespace cujitsu::softgpu {

class ModuleImage;

/// Lowers a kernel and all functions that it may call. What is not supported is in `kernel.why_not`.
void lower_kernel(const ModuleImage& image, const ptx::Function& entry, KernelProgram& kernel);

[[nodiscard]] KernelFacts describe_kernel(const ModuleImage& image, const ptx::Function& entry,
                                          const KernelProgram& kernel);

/// vprintf, malloc, free, __assertfail.
[[nodiscard]] bool is_runtime_function(std::string_view name) noexcept;

}  // namespace cujitsu::softgpu
