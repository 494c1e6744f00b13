// SPDX-License-Identifier: MIT
// Which instructions of a function can follow which.
#pragma once

#include "softgpu/ptx/ast.hpp"

#include <cstdint>
#include <vector>

namespace cujitsu::softgpu {

/// Whether a thread that has executed the instruction `from` can come to `to`. Both are indices into
/// Function::instructions.
[[nodiscard]] bool can_follow(const ptx::Function& function, std::uint32_t from, std::uint32_t to);

}  // namespace cujitsu::softgpu
