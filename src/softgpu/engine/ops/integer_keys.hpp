// SPDX-License-Identifier: MIT
// The names by which decode_integer finds the integer handlers, and the tables that have them.
#pragma once

#include "softgpu/engine/ops/table.hpp"
#include "softgpu/ptx/types.hpp"

#include <cstdint>

namespace cujitsu::softgpu {

enum class IntegerFamily : std::uint8_t {
  // integer_move.cpp
  mov,
  pack,
  unpack,
  selp,
  slct,
  logic_and,
  logic_or,
  logic_xor,
  logic_not,
  cnot,
  lop3,
  // integer_arithmetic.cpp
  add,
  sub,
  neg,
  abs,
  min,
  max,
  add_sat,
  sub_sat,
  sad,
  // integer_multiply.cpp
  mul_lo,
  mul_hi,
  mul_wide,
  mad_lo,
  mad_hi,
  mad_wide,
  mad_hi_sat,
  mul24_lo,
  mul24_hi,
  mad24_lo,
  mad24_hi,
  mad24_hi_sat,
  dp4a,
  dp2a,
  vabsdiff,
  // integer_carry.cpp
  carry_add,
  carry_sub,
  carry_mad_lo,
  carry_mad_hi,
  // integer_divide.cpp
  div,
  rem,
  // integer_shift.cpp
  shl,
  shr,
  shf_left,
  shf_right,
  prmt,
  // integer_bits.cpp
  brev,
  popc,
  clz,
  bfind,
  bfe,
  bfi,
  bmsk,
  szext,
  fns,
  // integer_compare.cpp
  compare_eq,
  compare_ne,
  compare_lt,
  compare_le,
  compare_gt,
  compare_ge,
  // integer_convert.cpp
  extend,
  saturate,
};

/// `type` is the one whose width and signedness the handler goes by: where signedness does not matter the unsigned one.
[[nodiscard]] constexpr std::uint32_t integer_key(IntegerFamily family, ptx::Type type, unsigned variant = 0) noexcept {
  return static_cast<std::uint32_t>(family) << 24 | static_cast<std::uint32_t>(type) << 16 | variant;
}

// Variants.

/// shl, shr, shf, prmt, bfe: the counts or selectors are the same in all lanes (immediates), so lane 0 speaks for all.
inline constexpr unsigned uniform_variant = 1;
/// min, max: negative results become 0.
inline constexpr unsigned relu_variant = 1;
/// bfind: the shift amount instead of the position.
inline constexpr unsigned shiftamt_variant = 1;
/// shf, bmsk, szext: .clamp instead of .wrap. A bit, beside uniform_variant.
inline constexpr unsigned clamp_variant = 2;
/// prmt: the mode; even, so that uniform_variant fits beside it.
inline constexpr unsigned permute_default = 0;
inline constexpr unsigned permute_f4e = 2;
inline constexpr unsigned permute_b4e = 4;
inline constexpr unsigned permute_rc8 = 6;
inline constexpr unsigned permute_ecl = 8;
inline constexpr unsigned permute_ecr = 10;
inline constexpr unsigned permute_rc16 = 12;
/// carry_*: bits.
inline constexpr unsigned carry_in_variant = 1;
inline constexpr unsigned carry_out_variant = 2;
/// slct: the selector is f32, or f32 with .ftz.
inline constexpr unsigned slct_f32_variant = 1;
inline constexpr unsigned slct_ftz_variant = 2;
/// dp4a, dp2a, vabsdiff: bits.
inline constexpr unsigned a_signed_variant = 1;
inline constexpr unsigned b_signed_variant = 2;
inline constexpr unsigned high_half_variant = 4;        ///< dp2a
inline constexpr unsigned accumulate_variant = 4;       ///< vabsdiff: .add
inline constexpr unsigned halves_variant = 8;           ///< vabsdiff: of 16 bits (vabsdiff2)
inline constexpr unsigned clamp_unsigned_variant = 16;  ///< vabsdiff: .sat
inline constexpr unsigned clamp_signed_variant = 32;
/// vabsdiff with selectors or a mask: Instruction::immediate has for each byte of a and then of b, 4 bits each, which of
/// the 8 bytes of both it is; Instruction::code has ones where the result is written, the rest comes from c.
inline constexpr unsigned selected_variant = 64;
/// lop3.and and .or; Instruction::code says which.
inline constexpr unsigned lop3_test_variant = 1;
/// logic on predicates: Instruction::code says which sources are negated (bit 0: a, bit 1: b).
inline constexpr unsigned negated_variant = 1;
/// compare_*: what becomes of the comparison.
inline constexpr unsigned compare_plain = 0;     ///< d
inline constexpr unsigned compare_combined = 1;  ///< d, combined with the predicate c
inline constexpr unsigned compare_pair = 2;      ///< d and f, combined
inline constexpr unsigned compare_set = 3;       ///< d = Instruction::immediate or 0, combined
/// extend: destination slot, source slot and what the result is cut to.
[[nodiscard]] constexpr unsigned extend_variant(unsigned to_bits, unsigned from_bits, unsigned cut_bits) noexcept {
  return (to_bits == 64 ? 1u : 0u) | (from_bits == 64 ? 2u : 0u) | cut_bits << 2;
}
/// saturate: destination and source slot; the source type is the key's, the destination type is in Instruction::code.
[[nodiscard]] constexpr unsigned saturate_variant(unsigned to_bits, unsigned from_bits) noexcept {
  return (to_bits == 64 ? 1u : 0u) | (from_bits == 64 ? 2u : 0u);
}

// Instruction::code of compare_*: how a comparison and a predicate are combined.
inline constexpr std::uint32_t combine_none = 0;
inline constexpr std::uint32_t combine_and = 1;
inline constexpr std::uint32_t combine_or = 2;
inline constexpr std::uint32_t combine_xor = 3;
inline constexpr std::uint32_t combine_mask = 3;
inline constexpr std::uint32_t combine_negated = 4;  ///< the predicate is negated first
// Instruction::code of saturate: the destination type's bits, and these.
inline constexpr std::uint32_t saturate_signed = 0x100;
inline constexpr unsigned saturate_register_shift = 16;  ///< above it: the destination register's bits

CUJITSU_SOFTGPU_HANDLER_TABLE(integer_move_table)
CUJITSU_SOFTGPU_HANDLER_TABLE(integer_arithmetic_table)
CUJITSU_SOFTGPU_HANDLER_TABLE(integer_multiply_table)
CUJITSU_SOFTGPU_HANDLER_TABLE(integer_carry_table)
CUJITSU_SOFTGPU_HANDLER_TABLE(integer_divide_table)
CUJITSU_SOFTGPU_HANDLER_TABLE(integer_shift_table)
CUJITSU_SOFTGPU_HANDLER_TABLE(integer_bits_table)
CUJITSU_SOFTGPU_HANDLER_TABLE(integer_compare_table)
CUJITSU_SOFTGPU_HANDLER_TABLE(integer_convert_table)

}  // namespace cujitsu::softgpu
