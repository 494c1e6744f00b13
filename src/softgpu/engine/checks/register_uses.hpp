// SPDX-License-Identifier: MIT
// What a function does with its registers, as far as the checks want to know.
#pragma once

#include "softgpu/ptx/ast.hpp"

#include <cstdint>
#include <vector>

namespace cujitsu::softgpu {

struct RegisterUse {
  /// Only filled by loads and only read by stores, as elements of this many bits; 0: also otherwise.
  unsigned copied_bits = 0;
  /// Nothing calculates with it as a whole: it is stored, or bits are taken out of it. Small structs are held so.
  bool is_taken_apart = true;
  unsigned reads = 0;
  unsigned definitions = 0;
};

/// By register.
[[nodiscard]] std::vector<RegisterUse> uses_of_registers(const ptx::Function& function);

/// The registers that are named in an operand.
template <class Body>
void for_registers(const ptx::Operand& operand, const Body& body) {
  using Kind = ptx::Operand::Kind;
  if (operand.kind == Kind::reg || (operand.kind == Kind::address && operand.base == ptx::Operand::Base::reg))
    body(operand.index);
  for (const auto& element : operand.elements) for_registers(element, body);
  for (const auto& second : operand.second) for_registers(second, body);
}

/// Whether the first operand is what the instruction fills.
[[nodiscard]] bool has_result(const ptx::Instruction& instruction);
/// Of an access: its type's bits; 0 for parameters, whose memory is not watched.
[[nodiscard]] unsigned watched_bits(const ptx::Instruction& instruction);

}  // namespace cujitsu::softgpu
