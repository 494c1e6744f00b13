// SPDX-License-Identifier: MIT
#include "softgpu/engine/immediates.hpp"

#include <bit>

namespace cujitsu::softgpu {
namespace {

std::uint64_t cut(std::uint64_t bits, unsigned width) noexcept {
  return width >= 64 ? bits : bits & ((std::uint64_t{1} << width) - 1);
}

}  // namespace

std::uint64_t immediate_bits(const ptx::Operand& literal, ptx::Type type) noexcept {
  using Kind = ptx::Operand::Kind;
  if (type == ptx::Type::pred) return literal.bits != 0 ? 0xffffffffu : 0;
  const auto width = ptx::bits_of(type);
  switch (literal.kind) {
    case Kind::float32:
      if (width == 64 && type == ptx::Type::f64)
        return std::bit_cast<std::uint64_t>(
            static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(literal.bits))));
      return cut(literal.bits, width);
    case Kind::float64:
      if (type == ptx::Type::f32)
        return std::bit_cast<std::uint32_t>(static_cast<float>(std::bit_cast<double>(literal.bits)));
      return cut(literal.bits, width);
    default:
      // an integer where a float is wanted is a number; the 16-bit floats have no literals but their bits
      if (type == ptx::Type::f32)
        return std::bit_cast<std::uint32_t>(static_cast<float>(static_cast<std::int64_t>(literal.bits)));
      if (type == ptx::Type::f64)
        return std::bit_cast<std::uint64_t>(static_cast<double>(static_cast<std::int64_t>(literal.bits)));
      return cut(literal.bits, width);
  }
}

}  // namespace cujitsu::softgpu
