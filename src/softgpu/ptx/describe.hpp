// SPDX-License-Identifier: MIT
// PTX in messages.
#pragma once

#include "softgpu/ptx/ast.hpp"
#include "softgpu/ptx/parser.hpp"

#include <string>

namespace cujitsu::softgpu::ptx {

/// "ld.global.v4.f32"
[[nodiscard]] std::string to_text(const Instruction& instruction);
/// The log that the driver gives for it: "ptxas application ptx input, line 4; fatal   : Parsing error near …".
[[nodiscard]] std::string to_log(const ParseError& error);

/// __constant__ variables of a module, in bytes.
inline constexpr std::uint64_t constant_bank_bytes = 64 * 1024;
/// What ptxas and the linker say of more.
[[nodiscard]] std::string too_much_constant_data(std::uint64_t bytes);

}  // namespace cujitsu::softgpu::ptx
