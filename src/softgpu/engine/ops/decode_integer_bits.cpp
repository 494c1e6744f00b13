// SPDX-License-Identifier: MIT
// shl shr shf prmt brev popc clz bfind bfe bfi bmsk szext fns lop3.
#include "softgpu/engine/ops/decode_integer.hpp"

namespace cujitsu::softgpu {
namespace {

using ptx::Type;
using Family = IntegerFamily;

bool is_long_type(Type type) { return is_one_of(type, {Type::u32, Type::u64, Type::s32, Type::s64}); }

Decoding shift(IntegerDecoder& decoder, bool left) {
  const Type type = decoder.modifiers.take_type();
  const bool untyped = is_one_of(type, {Type::b16, Type::b32, Type::b64});
  const bool typed = is_one_of(type, {Type::u16, Type::u32, Type::u64, Type::s16, Type::s32, Type::s64});
  if (!untyped && (left || !typed)) return decoder.bad_type(type);
  const unsigned variant = decoder.is_integer(2) ? uniform_variant : 0;
  const Type key_type = untyped ? unsigned_of(type) : type;
  return decoder.finish(integer_key(left ? Family::shl : Family::shr, key_type, variant), {type, type, Type::u32});
}

Decoding funnel_shift(IntegerDecoder& decoder) {
  const bool left = decoder.modifiers.take("l");
  if (!left && !decoder.modifiers.take("r")) return refused("shf without .l or .r");
  const bool clamp = decoder.modifiers.take("clamp");
  if (!clamp && !decoder.modifiers.take("wrap")) return refused("shf without .clamp or .wrap");
  const Type type = decoder.modifiers.take_type();
  if (type != Type::b32) return decoder.bad_type(type);
  const unsigned variant = (decoder.is_integer(3) ? uniform_variant : 0) | (clamp ? clamp_variant : 0);
  return decoder.finish(integer_key(left ? Family::shf_left : Family::shf_right, type, variant),
                        {type, type, type, Type::u32});
}

Decoding permute(IntegerDecoder& decoder) {
  static constexpr struct {
    std::string_view name;
    unsigned variant;
  } modes[] = {{"f4e", permute_f4e}, {"b4e", permute_b4e}, {"rc8", permute_rc8},
               {"ecl", permute_ecl}, {"ecr", permute_ecr}, {"rc16", permute_rc16}};
  unsigned variant = decoder.is_integer(3) ? uniform_variant : permute_default;
  for (const auto& mode : modes) {
    if (decoder.modifiers.take(mode.name)) variant = mode.variant;
  }
  const Type type = decoder.modifiers.take_type();
  if (type != Type::b32) return decoder.bad_type(type);
  return decoder.finish(integer_key(Family::prmt, type, variant), {type, type, type, type});
}

/// bmsk szext
Decoding with_mode(IntegerDecoder& decoder, Family family, bool typed) {
  const bool clamp = decoder.modifiers.take("clamp");
  if (!clamp && !decoder.modifiers.take("wrap"))
    return refused(std::string(decoder.in.opcode) + " without .clamp or .wrap");
  const Type type = decoder.modifiers.take_type();
  if (typed ? !is_one_of(type, {Type::u32, Type::s32}) : type != Type::b32) return decoder.bad_type(type);
  return decoder.finish(integer_key(family, type, clamp ? clamp_variant : 0), {type, type, Type::u32});
}

Decoding lop3(IntegerDecoder& decoder) {
  const Type type = decoder.modifiers.take_type();
  if (type != Type::b32) return decoder.bad_type(type);
  const std::uint32_t code = decoder.modifiers.take("and")  ? combine_and
                             : decoder.modifiers.take("or") ? combine_or
                                                            : combine_none;
  if (!decoder.is_integer(4)) return refused("lop3: the table of the function has to be a constant");
  if ((decoder.operands[4]->bits >> 8) != 0) return refused("lop3: the table of the function has 8 bits");
  Decoding decoding;
  if (code == combine_none) {
    decoding = decoder.finish(integer_key(Family::lop3, type), {type, type, type, type, Type::none});
  } else {
    if (decoder.operands[0]->second.empty()) return refused("lop3.and and lop3.or have a predicate as second result");
    IntegerDecoder::Options options;
    options.second = Type::pred;
    decoding = decoder.finish(integer_key(Family::lop3, type, lop3_test_variant),
                              {type, type, type, type, Type::none, Type::pred}, options);
  }
  decoding.immediate = static_cast<std::int64_t>(decoder.operands[4]->bits);
  decoding.code = code;
  return decoding;
}

}  // namespace

std::optional<Decoding> decode_integer_bits(IntegerDecoder& decoder) {
  const std::string_view opcode = decoder.in.opcode;
  Modifiers& modifiers = decoder.modifiers;
  if (opcode == "shl") return shift(decoder, true);
  if (opcode == "shr") return shift(decoder, false);
  if (opcode == "shf") return funnel_shift(decoder);
  if (opcode == "prmt") return permute(decoder);
  if (opcode == "lop3") return lop3(decoder);
  if (opcode == "bmsk") return with_mode(decoder, Family::bmsk, false);
  if (opcode == "szext") return with_mode(decoder, Family::szext, true);
  if (opcode == "brev" || opcode == "popc" || opcode == "clz") {
    const Type type = modifiers.take_type();
    if (!is_one_of(type, {Type::b32, Type::b64})) return decoder.bad_type(type);
    if (opcode == "brev") return decoder.finish(integer_key(Family::brev, type), {type, type});
    return decoder.finish(integer_key(opcode == "popc" ? Family::popc : Family::clz, type), {Type::u32, type});
  }
  if (opcode == "bfind") {
    const unsigned variant = modifiers.take("shiftamt") ? shiftamt_variant : 0;
    const Type type = modifiers.take_type();
    if (!is_long_type(type)) return decoder.bad_type(type);
    return decoder.finish(integer_key(Family::bfind, type, variant), {Type::u32, type});
  }
  if (opcode == "bfe") {
    const Type type = modifiers.take_type();
    if (!is_long_type(type)) return decoder.bad_type(type);
    const unsigned variant = decoder.is_integer(2) && decoder.is_integer(3) ? uniform_variant : 0;
    return decoder.finish(integer_key(Family::bfe, type, variant), {type, type, Type::u32, Type::u32});
  }
  if (opcode == "bfi") {
    const Type type = modifiers.take_type();
    if (!is_one_of(type, {Type::b32, Type::b64})) return decoder.bad_type(type);
    return decoder.finish(integer_key(Family::bfi, type), {type, type, type, Type::u32, Type::u32});
  }
  if (opcode == "fns") {
    const Type type = modifiers.take_type();
    if (type != Type::b32) return decoder.bad_type(type);
    return decoder.finish(integer_key(Family::fns, type), {type, type, type, Type::s32});
  }
  return std::nullopt;
}

}  // namespace cujitsu::softgpu
