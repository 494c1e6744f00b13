// SPDX-License-Identifier: MIT
// How the floating-point handlers are named in their tables, and what their Instruction::code means.
#pragma once

#include "softgpu/engine/ops/table.hpp"
#include "softgpu/ptx/types.hpp"

#include <cstdint>

namespace cujitsu::softgpu {

enum class FloatOp : std::uint8_t {
  add,
  sub,
  mul,
  fma,
  div,
  rcp,
  sqrt,  // in every rounding
  approximate_div,
  full_div,
  approximate_rcp,
  approximate_sqrt,
  rsqrt,
  seed_rcp,
  seed_rsqrt,
  ex2,
  lg2,
  sin,
  cos,
  tanh,
  min,
  max,
  abs,
  neg,
  copysign,
  testp,
  setp,
  compare,
  set,  // setp: the plain form, compare: every other one
  convert,
  to_integer,
  from_integer,
  pack,
};

// The variants of a handler, as bits of its key.
inline constexpr std::uint32_t variant_moded = 1;  ///< Instruction::code is a float_mode
inline constexpr std::uint32_t variant_saturated = 2;
inline constexpr std::uint32_t variant_flushed = 4;
inline constexpr std::uint32_t variant_extras = 8;  ///< Instruction::code has extra_ bits
inline constexpr std::uint32_t variant_pair = 16;   ///< writes a second destination

// Rarer modifiers, which one handler applies as they come.
inline constexpr std::uint32_t extra_flush = 1;     ///< .ftz
inline constexpr std::uint32_t extra_saturate = 2;  ///< .sat
inline constexpr std::uint32_t extra_relu = 4;      ///< .relu
inline constexpr std::uint32_t extra_nan = 8;       ///< min, max: .NaN
inline constexpr std::uint32_t extra_xorsign = 16;  ///< min, max: .xorsign.abs
inline constexpr std::uint32_t extra_abs = 32;      ///< min, max of three: .abs
inline constexpr std::uint32_t extra_three = 64;    ///< min, max: a third operand
inline constexpr std::uint32_t extra_finite = 128;  ///< cvt: .satfinite

/// Comparisons in PTX's order. `relations_of` says for which relations of a and b they hold.
enum class FloatCompare : std::uint8_t { eq, ne, lt, le, gt, ge, equ, neu, ltu, leu, gtu, geu, num, nan };
inline constexpr std::uint32_t relation_less = 1, relation_equal = 2, relation_greater = 4, relation_unordered = 8;
[[nodiscard]] constexpr std::uint32_t relations_of(FloatCompare compare) noexcept {
  constexpr std::uint8_t table[] = {2, 5, 1, 3, 4, 6, 10, 13, 9, 11, 12, 14, 7, 8};
  return table[static_cast<std::uint8_t>(compare)];
}
// Instruction::code of FloatOp::compare and FloatOp::set: the relations, and these.
inline constexpr std::uint32_t compare_and = 0x10, compare_or = 0x20, compare_xor = 0x40;
inline constexpr std::uint32_t compare_negated = 0x80;  ///< of the predicate that is combined with
inline constexpr std::uint32_t compare_flush = 0x100;

// Instruction::code of cvt.pack: the width of the type that is packed, and whether it is signed.
inline constexpr std::uint32_t pack_width = 0xff, pack_signed = 0x100;

/// testp's properties: Instruction::code.
enum class FloatProperty : std::uint8_t { finite, infinite, number, notanumber, normal, subnormal };

/// How cvt rounds: not at all, to the format's precision, or to an integer.
enum class ConvertRounding : std::uint8_t { none, rn, rm, rp, rz, rni, rmi, rpi, rzi, rna };

/// `detail`: a comparison or a rounding.
[[nodiscard]] constexpr std::uint32_t float_key(FloatOp op, ptx::Type destination, ptx::Type source,
                                                std::uint32_t variant = 0, std::uint32_t detail = 0) noexcept {
  return static_cast<std::uint32_t>(op) << 24 | static_cast<std::uint32_t>(destination) << 18 |
         static_cast<std::uint32_t>(source) << 12 | variant << 4 | detail;
}
[[nodiscard]] constexpr std::uint32_t float_key(FloatOp op, ptx::Type type, std::uint32_t variant = 0) noexcept {
  return float_key(op, type, type, variant);
}

CUJITSU_SOFTGPU_HANDLER_TABLE(float_arithmetic_table)
CUJITSU_SOFTGPU_HANDLER_TABLE(float_minmax_table)
CUJITSU_SOFTGPU_HANDLER_TABLE(float_compare_table)
CUJITSU_SOFTGPU_HANDLER_TABLE(half_arithmetic_table)
CUJITSU_SOFTGPU_HANDLER_TABLE(approx_table)
CUJITSU_SOFTGPU_HANDLER_TABLE(convert_float_table)
CUJITSU_SOFTGPU_HANDLER_TABLE(convert_integer_table)
CUJITSU_SOFTGPU_HANDLER_TABLE(convert_packed_table)

}  // namespace cujitsu::softgpu
