// SPDX-License-Identifier: MIT
// Literals as the bits of the type that they are used as.
#pragma once

#include "softgpu/ptx/ast.hpp"

#include <cstdint>

namespace cujitsu::softgpu {

/// Of a float literal for an integer type: its bits, as PTX has it for .bNN. Narrow types are zero-extended.
[[nodiscard]] std::uint64_t immediate_bits(const ptx::Operand& literal, ptx::Type type) noexcept;

}  // namespace cujitsu::softgpu
