// SPDX-License-Identifier: MIT
// cvt between integers.
#include "softgpu/engine/ops/decode_integer.hpp"

namespace cujitsu::softgpu {
namespace {

using ptx::Type;
using Family = IntegerFamily;

bool is_integer_type(Type type) {
  return is_one_of(type, {Type::u8, Type::s8, Type::u16, Type::s16, Type::u32, Type::s32, Type::u64, Type::s64});
}

Type type_of(unsigned bits, bool is_signed) {
  switch (bits) {
    case 8: return is_signed ? Type::s8 : Type::u8;
    case 16: return is_signed ? Type::s16 : Type::u16;
    case 32: return is_signed ? Type::s32 : Type::u32;
    default: return is_signed ? Type::s64 : Type::u64;
  }
}

/// An operand may be a wider register than its type: then its own type, else the instruction's.
Type operand_type(const IntegerDecoder& decoder, std::size_t operand, Type type) {
  if (operand >= decoder.operands.size() || operand >= decoder.slots.size()) return type;
  if (decoder.operands[operand]->kind != ptx::Operand::Kind::reg) return type;
  const Type declared = decoder.slots[operand].type;
  const unsigned bits = ptx::bits_of(declared);
  return declared != Type::pred && bits <= 64 && bits > ptx::bits_of(type) ? declared : type;
}

}  // namespace

std::optional<Decoding> decode_integer_convert(IntegerDecoder& decoder) {
  if (decoder.in.opcode != "cvt") return std::nullopt;
  Modifiers& modifiers = decoder.modifiers;
  if (modifiers.has_floating_type() || modifiers.take("pack")) return std::nullopt;
  const bool saturates = modifiers.take("sat");
  const Type to = modifiers.take_type();
  const Type from = modifiers.take_type();
  if (!is_integer_type(to)) return decoder.bad_type(to);
  if (!is_integer_type(from)) return decoder.bad_type(from);

  const Type to_register = operand_type(decoder, 0, to);
  const Type from_register = operand_type(decoder, 1, from);
  const unsigned to_slot = ptx::bits_of(to_register) == 64 ? 64 : 32;
  const unsigned from_slot = ptx::bits_of(from_register) == 64 ? 64 : 32;

  if (saturates) {
    auto decoding = decoder.finish(integer_key(Family::saturate, from, saturate_variant(to_slot, from_slot)),
                                   {to_register, from_register});
    decoding.code = ptx::bits_of(to) | (ptx::is_signed(to) ? saturate_signed : 0) |
                    ptx::bits_of(to_register) << saturate_register_shift;
    return decoding;
  }

  // The source's low bits, extended first by the source's sign to the destination's type, then by that one's to its
  // register. Of the two steps one is always enough, but for a cut in between.
  unsigned bits = ptx::bits_of(to);
  bool sign = ptx::is_signed(to);
  unsigned cut = 0;
  if (ptx::bits_of(from) < ptx::bits_of(to)) {
    bits = ptx::bits_of(from);
    sign = ptx::is_signed(from);
    if (sign && !ptx::is_signed(to) && ptx::bits_of(to) < 64) cut = ptx::bits_of(to);
  }
  // What lies in a b32 slot above the bits of a narrow register is 0.
  if (sign && ptx::bits_of(to_register) <= 16) cut = ptx::bits_of(to_register);
  // What the slot or an unsigned type of the same width does anyway.
  if (cut == 32 && to_slot == 32) cut = 0;
  if (sign && cut == bits) {
    sign = false;
    cut = 0;
  }
  if (bits == to_slot) sign = false;
  return decoder.finish(integer_key(Family::extend, type_of(bits, sign), extend_variant(to_slot, from_slot, cut)),
                        {to_register, from_register});
}

}  // namespace cujitsu::softgpu
