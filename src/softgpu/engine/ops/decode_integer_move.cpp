// SPDX-License-Identifier: MIT
// mov with packing and unpacking, selp slct, and or xor not cnot.
#include "softgpu/engine/ops/decode_integer.hpp"

namespace cujitsu::softgpu {
namespace {

using ptx::Type;
using Family = IntegerFamily;
using Kind = ptx::Operand::Kind;

bool is_moved_type(Type type) {
  return is_one_of(type, {Type::b16, Type::b32, Type::b64, Type::u16, Type::u32, Type::u64, Type::s16, Type::s32,
                          Type::s64, Type::f32, Type::f64});
}

/// mov.b64 %rd, {%r0, %r1} and mov.b64 {%r0, %r1}, %rd.
Decoding pack_or_unpack(IntegerDecoder& decoder, Type type, bool packs) {
  const auto count = decoder.operands.size() - 1;
  if (!is_one_of(type, {Type::b16, Type::b32, Type::b64, Type::b128}) || (count != 2 && count != 4) ||
      ptx::bits_of(type) % count != 0)
    return refused("mov of a vector of " + std::to_string(count) + " as ." + std::string(ptx::to_string(type)) +
                   " is not supported");
  const unsigned bits = ptx::bits_of(type) / static_cast<unsigned>(count);
  const Type element = bits == 8 ? Type::b8 : bits == 16 ? Type::b16 : bits == 32 ? Type::b32 : Type::b64;
  const auto key = integer_key(packs ? Family::pack : Family::unpack, type, static_cast<unsigned>(count));
  IntegerDecoder::Options options;
  options.results = packs ? 1 : count;
  options.floating_constants = true;
  if (packs && count == 2) return decoder.finish(key, {type, element, element}, options);
  if (packs) return decoder.finish(key, {type, element, element, element, element}, options);
  if (count == 2) return decoder.finish(key, {element, element, type}, options);
  return decoder.finish(key, {element, element, element, element, type}, options);
}

std::optional<Decoding> mov(IntegerDecoder& decoder) {
  const auto& written = decoder.in.operands;
  if (written.size() != 2) return refused("mov takes 2 operands");
  // Addresses are not known before the module is loaded.
  for (const auto* operand : decoder.operands) {
    if (operand->kind == Kind::symbol || operand->kind == Kind::label || operand->kind == Kind::address)
      return std::nullopt;
  }
  const Type type = decoder.modifiers.take_type();
  const bool packs = written[1].kind == Kind::vector;
  const bool unpacks = written[0].kind == Kind::vector;
  if (packs && unpacks) return refused("mov between vectors is not supported");
  if (packs || unpacks) return pack_or_unpack(decoder, type, packs);

  IntegerDecoder::Options options;
  options.floating_constants = true;
  if (type == Type::pred) {
    options.floating_constants = false;
    return decoder.finish(integer_key(Family::mov, Type::b32), {type, type}, options);
  }
  if (type == Type::b128 && decoder.operands[1]->kind != Kind::reg)
    return refused("mov.b128 of a constant is not supported");
  if (!is_moved_type(type) && type != Type::b128) return decoder.bad_type(type);
  return decoder.finish(integer_key(Family::mov, untyped_of(type)), {type, type}, options);
}

Decoding selp(IntegerDecoder& decoder) {
  const Type type = decoder.modifiers.take_type();
  if (!is_moved_type(type)) return decoder.bad_type(type);
  IntegerDecoder::Options options;
  options.floating_constants = true;
  options.negatable = 1u << 3;
  const Type word = ptx::bits_of(type) == 64 ? Type::b64 : Type::b32;
  auto decoding = decoder.finish(integer_key(Family::selp, word), {type, type, type, Type::pred}, options);
  if (decoder.operands.size() > 3 && decoder.operands[3]->negated) decoding.code = 1;
  return decoding;
}

Decoding slct(IntegerDecoder& decoder) {
  const bool flushes = decoder.modifiers.take("ftz");
  const Type type = decoder.modifiers.take_type();
  const Type selector = decoder.modifiers.take_type();
  if (!is_moved_type(type)) return decoder.bad_type(type);
  if (!is_one_of(selector, {Type::s32, Type::f32}) || (flushes && selector != Type::f32))
    return decoder.bad_type(selector);
  IntegerDecoder::Options options;
  options.floating_constants = true;
  const unsigned variant = selector == Type::s32 ? 0 : flushes ? slct_ftz_variant : slct_f32_variant;
  const Type word = ptx::bits_of(type) == 64 ? Type::b64 : Type::b32;
  return decoder.finish(integer_key(Family::slct, word, variant), {type, type, type, selector}, options);
}

/// and or xor
Decoding logic(IntegerDecoder& decoder, Family family) {
  const Type type = decoder.modifiers.take_type();
  if (!is_one_of(type, {Type::pred, Type::b16, Type::b32, Type::b64})) return decoder.bad_type(type);
  if (type != Type::pred)
    return decoder.finish(integer_key(family, type == Type::b64 ? Type::b64 : Type::b32), {type, type, type});
  std::uint32_t code = 0;
  if (decoder.operands.size() == 3)
    code = (decoder.operands[1]->negated ? 1u : 0u) | (decoder.operands[2]->negated ? 2u : 0u);
  IntegerDecoder::Options options;
  options.negatable = 1u << 1 | 1u << 2;
  const auto key = code == 0 ? integer_key(family, Type::b32) : integer_key(family, Type::pred, negated_variant);
  auto decoding = decoder.finish(key, {type, type, type}, options);
  decoding.code = code;
  return decoding;
}

}  // namespace

std::optional<Decoding> decode_integer_move(IntegerDecoder& decoder) {
  const std::string_view opcode = decoder.in.opcode;
  if (opcode == "mov") return mov(decoder);
  if (opcode == "selp") return selp(decoder);
  if (opcode == "slct") return slct(decoder);
  if (opcode == "and") return logic(decoder, Family::logic_and);
  if (opcode == "or") return logic(decoder, Family::logic_or);
  if (opcode == "xor") return logic(decoder, Family::logic_xor);
  if (opcode == "not") {
    const Type type = decoder.modifiers.take_type();
    if (!is_one_of(type, {Type::pred, Type::b16, Type::b32, Type::b64})) return decoder.bad_type(type);
    const Type word = type == Type::pred ? Type::b32 : type;
    return decoder.finish(integer_key(Family::logic_not, word), {type, type});
  }
  if (opcode == "cnot") {
    const Type type = decoder.modifiers.take_type();
    if (!is_one_of(type, {Type::b16, Type::b32, Type::b64})) return decoder.bad_type(type);
    return decoder.finish(integer_key(Family::cnot, type == Type::b64 ? Type::b64 : Type::b32), {type, type});
  }
  return std::nullopt;
}

}  // namespace cujitsu::softgpu
