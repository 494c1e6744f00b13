// SPDX-License-Identifier: MIT
// add sub mul mad mul24 mad24 sad div rem abs neg min max, the carry forms, dp4a dp2a vabsdiff.
#include "softgpu/engine/ops/decode_integer.hpp"

#include <array>

namespace cujitsu::softgpu {
namespace {

using ptx::Type;
using Family = IntegerFamily;

bool is_integer_type(Type type) {
  return is_one_of(type, {Type::u16, Type::u32, Type::u64, Type::s16, Type::s32, Type::s64});
}
bool is_signed_type(Type type) { return is_one_of(type, {Type::s16, Type::s32, Type::s64}); }
bool is_long_type(Type type) { return is_one_of(type, {Type::u32, Type::u64, Type::s32, Type::s64}); }

/// add sub addc subc
Decoding add_or_sub(IntegerDecoder& decoder, bool subtracts, bool carry_in) {
  const bool carry_out = decoder.modifiers.take("cc");
  const bool saturates = decoder.modifiers.take("sat");
  const Type type = decoder.modifiers.take_type();
  if (carry_in || carry_out) {
    if (!is_long_type(type) || saturates) return decoder.bad_type(type);
    const unsigned variant = (carry_in ? carry_in_variant : 0) | (carry_out ? carry_out_variant : 0);
    return decoder.finish(integer_key(subtracts ? Family::carry_sub : Family::carry_add, unsigned_of(type), variant),
                          {type, type, type});
  }
  if (saturates) {
    if (type != Type::s32) return decoder.bad_type(type);
    return decoder.finish(integer_key(subtracts ? Family::sub_sat : Family::add_sat, type), {type, type, type});
  }
  const bool is_packed = is_one_of(type, {Type::u16x2, Type::s16x2});
  if (!is_integer_type(type) && (!is_packed || subtracts)) return decoder.bad_type(type);
  return decoder.finish(integer_key(subtracts ? Family::sub : Family::add, unsigned_of(type)), {type, type, type});
}

Type wide_of(Type type) {
  switch (type) {
    case Type::u16: return Type::u32;
    case Type::s16: return Type::s32;
    case Type::u32: return Type::u64;
    case Type::s32: return Type::s64;
    default: return Type::none;
  }
}

Decoding mul(IntegerDecoder& decoder) {
  const bool wide = decoder.modifiers.take("wide");
  const bool low = !wide && decoder.modifiers.take("lo");
  const bool high = !wide && !low && decoder.modifiers.take("hi");
  const Type type = decoder.modifiers.take_type();
  if (!is_integer_type(type)) return decoder.bad_type(type);
  if (wide) {
    if (wide_of(type) == Type::none) return decoder.bad_type(type);
    return decoder.finish(integer_key(Family::mul_wide, type), {wide_of(type), type, type});
  }
  if (!low && !high) return refused("mul of integers without .lo, .hi or .wide");
  return decoder.finish(low ? integer_key(Family::mul_lo, unsigned_of(type)) : integer_key(Family::mul_hi, type),
                        {type, type, type});
}

Decoding mad(IntegerDecoder& decoder, bool carry_in) {
  const bool wide = decoder.modifiers.take("wide");
  const bool low = !wide && decoder.modifiers.take("lo");
  const bool high = !wide && !low && decoder.modifiers.take("hi");
  const bool carry_out = decoder.modifiers.take("cc");
  const bool saturates = decoder.modifiers.take("sat");
  const Type type = decoder.modifiers.take_type();
  if (!is_integer_type(type)) return decoder.bad_type(type);
  if (!wide && !low && !high) return refused("mad of integers without .lo, .hi or .wide");
  if (carry_in || carry_out) {
    if (wide || saturates || !is_long_type(type)) return decoder.bad_type(type);
    const unsigned variant = (carry_in ? carry_in_variant : 0) | (carry_out ? carry_out_variant : 0);
    return decoder.finish(low ? integer_key(Family::carry_mad_lo, unsigned_of(type), variant)
                              : integer_key(Family::carry_mad_hi, type, variant),
                          {type, type, type, type});
  }
  if (saturates) {
    if (!high || type != Type::s32) return refused("mad.sat other than mad.hi.sat.s32 is not supported");
    return decoder.finish(integer_key(Family::mad_hi_sat, type), {type, type, type, type});
  }
  if (wide) {
    const Type result = wide_of(type);
    if (result == Type::none) return decoder.bad_type(type);
    return decoder.finish(integer_key(Family::mad_wide, type), {result, type, type, result});
  }
  return decoder.finish(low ? integer_key(Family::mad_lo, unsigned_of(type)) : integer_key(Family::mad_hi, type),
                        {type, type, type, type});
}

Decoding mul24(IntegerDecoder& decoder, bool adds) {
  const bool low = decoder.modifiers.take("lo");
  const bool high = !low && decoder.modifiers.take("hi");
  const bool saturates = adds && decoder.modifiers.take("sat");
  const Type type = decoder.modifiers.take_type();
  if (!is_one_of(type, {Type::u32, Type::s32})) return decoder.bad_type(type);
  if (!low && !high) return refused(std::string(decoder.in.opcode) + " without .lo or .hi");
  if (saturates && (low || type != Type::s32)) return refused("mad24.sat other than mad24.hi.sat.s32 is not supported");
  if (!adds) return decoder.finish(integer_key(low ? Family::mul24_lo : Family::mul24_hi, type), {type, type, type});
  const Family family = low ? Family::mad24_lo : saturates ? Family::mad24_hi_sat : Family::mad24_hi;
  return decoder.finish(integer_key(family, type), {type, type, type, type});
}

Decoding min_or_max(IntegerDecoder& decoder, Family family) {
  const bool relu = decoder.modifiers.take("relu");
  const Type type = decoder.modifiers.take_type();
  if (!is_integer_type(type) && !is_one_of(type, {Type::u16x2, Type::s16x2})) return decoder.bad_type(type);
  if (relu && !is_one_of(type, {Type::s32, Type::s16x2})) return decoder.bad_type(type);
  return decoder.finish(integer_key(family, type, relu ? relu_variant : 0), {type, type, type});
}

/// dp4a dp2a: a type for each factor.
Decoding dot(IntegerDecoder& decoder, Family family, unsigned variant) {
  const Type a = decoder.modifiers.take_type();
  const Type b = decoder.modifiers.take_type();
  for (const Type type : {a, b}) {
    if (!is_one_of(type, {Type::u32, Type::s32})) return decoder.bad_type(type);
  }
  variant |= (a == Type::s32 ? a_signed_variant : 0) | (b == Type::s32 ? b_signed_variant : 0);
  const Type sum = variant == 0 || variant == high_half_variant ? Type::u32 : Type::s32;
  return decoder.finish(integer_key(family, Type::u32, variant), {sum, a, b, sum});
}

/// What the selectors at a video instruction's operands say, as vabsdiff's selected form wants it.
struct Selection {
  bool is_default = true;
  bool is_good = true;
  std::uint32_t kept = 0xffffffff;
  std::array<std::uint32_t, 2> bytes{};  ///< of a and b
};

/// "b7531" of a source: as many elements as there are, the highest first. Elements are `bytes` wide.
std::optional<std::uint32_t> bytes_named(std::string_view selector, char letter, unsigned bytes) {
  const std::size_t count = 4 / bytes;
  if (selector.size() != count + 1 || selector[0] != letter) return std::nullopt;
  std::uint32_t result = 0;
  for (const char digit : selector.substr(1)) {
    const auto element = static_cast<unsigned>(digit - '0');
    if (element >= 2 * count) return std::nullopt;
    for (unsigned i = bytes; i-- > 0;) result = result << 4 | (element * bytes + i);
  }
  return result;
}

/// "b310" of a destination: each element once at most, the highest first.
std::optional<std::uint32_t> bits_named(std::string_view mask, char letter, unsigned bytes) {
  if (mask.size() < 2 || mask[0] != letter) return std::nullopt;
  unsigned above = 4 / bytes;
  std::uint32_t result = 0;
  for (const char digit : mask.substr(1)) {
    const auto element = static_cast<unsigned>(digit - '0');
    if (element >= above) return std::nullopt;
    above = element;
    result |= (bytes == 1 ? 0xffu : 0xffffu) << (8 * bytes * element);
  }
  return result;
}

Selection selection_of(IntegerDecoder& decoder, unsigned bytes) {
  const char letter = bytes == 1 ? 'b' : 'h';
  Selection result;
  result.bytes = {0x3210, 0x7654};
  for (std::size_t i = 0; i < 3 && i < decoder.operands.size(); ++i) {
    const std::string_view word = decoder.operands[i]->kind == ptx::Operand::Kind::reg ? decoder.operands[i]->name : "";
    if (word.empty()) continue;
    const auto value = i == 0 ? bits_named(word, letter, bytes) : bytes_named(word, letter, bytes);
    result.is_good = result.is_good && value && decoder.modifiers.take(word);
    result.is_default = false;
    (i == 0 ? result.kept : result.bytes[i - 1]) = value.value_or(0);
  }
  return result;
}

/// vabsdiff4 vabsdiff2
Decoding video_difference(IntegerDecoder& decoder, bool halves) {
  const bool accumulates = decoder.modifiers.take("add");
  const bool clamps = decoder.modifiers.take("sat");
  const Type result = decoder.modifiers.take_type();
  const Type a = decoder.modifiers.take_type();
  const Type b = decoder.modifiers.take_type();
  for (const Type type : {result, a, b}) {
    if (!is_one_of(type, {Type::u32, Type::s32})) return decoder.bad_type(type);
  }
  const std::string name(decoder.in.opcode);
  if (accumulates && clamps) return refused(name + " with .sat and .add is not supported");
  const Selection selection = selection_of(decoder, halves ? 2 : 1);
  if (!selection.is_good) return refused(name + ": these selectors of elements are not supported");
  const unsigned variant = (a == Type::s32 ? a_signed_variant : 0) | (b == Type::s32 ? b_signed_variant : 0) |
                           (halves ? halves_variant : 0) | (accumulates ? accumulate_variant : 0) |
                           (!clamps               ? 0
                            : result == Type::s32 ? clamp_signed_variant
                                                  : clamp_unsigned_variant) |
                           (selection.is_default ? 0 : selected_variant);
  auto decoding = decoder.finish(integer_key(Family::vabsdiff, Type::u32, variant), {result, a, b, result});
  decoding.code = selection.kept;
  decoding.immediate = static_cast<std::int64_t>(selection.bytes[1]) << 16 | selection.bytes[0];
  return decoding;
}

}  // namespace

std::optional<Decoding> decode_integer_arithmetic(IntegerDecoder& decoder) {
  const std::string_view opcode = decoder.in.opcode;
  Modifiers& modifiers = decoder.modifiers;
  if (is_one_of(modifiers.last_type(), {Type::none}) || modifiers.has_floating_type()) return std::nullopt;

  if (opcode == "add") return add_or_sub(decoder, false, false);
  if (opcode == "sub") return add_or_sub(decoder, true, false);
  if (opcode == "addc") return add_or_sub(decoder, false, true);
  if (opcode == "subc") return add_or_sub(decoder, true, true);
  if (opcode == "mul") return mul(decoder);
  if (opcode == "mad") return mad(decoder, false);
  if (opcode == "madc") return mad(decoder, true);
  if (opcode == "mul24") return mul24(decoder, false);
  if (opcode == "mad24") return mul24(decoder, true);
  if (opcode == "min") return min_or_max(decoder, Family::min);
  if (opcode == "max") return min_or_max(decoder, Family::max);
  if (opcode == "sad" || opcode == "div" || opcode == "rem") {
    const Type type = modifiers.take_type();
    if (!is_integer_type(type)) return decoder.bad_type(type);
    if (opcode == "sad") return decoder.finish(integer_key(Family::sad, type), {type, type, type, type});
    return decoder.finish(integer_key(opcode == "div" ? Family::div : Family::rem, type), {type, type, type});
  }
  if (opcode == "abs" || opcode == "neg") {
    const Type type = modifiers.take_type();
    if (!is_signed_type(type)) return decoder.bad_type(type);
    return decoder.finish(
        opcode == "abs" ? integer_key(Family::abs, type) : integer_key(Family::neg, unsigned_of(type)), {type, type});
  }
  if (opcode == "dp4a") return dot(decoder, Family::dp4a, 0);
  if (opcode == "dp2a") {
    const bool high = modifiers.take("hi");
    if (!high && !modifiers.take("lo")) return refused("dp2a without .lo or .hi");
    return dot(decoder, Family::dp2a, high ? high_half_variant : 0);
  }
  if (opcode == "vabsdiff4") return video_difference(decoder, false);
  if (opcode == "vabsdiff2") return video_difference(decoder, true);
  return std::nullopt;
}

}  // namespace cujitsu::softgpu
