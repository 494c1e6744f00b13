// SPDX-License-Identifier: MIT
// Decoding what looks at floating-point values without rounding: min, max, abs, neg, copysign, testp, setp, set.
#include "softgpu/engine/ops/float_words.hpp"

namespace cujitsu::softgpu {

using ptx::Type;

namespace {

bool can_flush(Type type) { return type == Type::f32 || type == Type::f16 || type == Type::f16x2; }
bool is_packed(Type type) { return type == Type::f16x2 || type == Type::bf16x2; }

Decoding decode_extreme(FloatRequest request) {
  FloatWords& words = request.words;
  const Type type = words.types().front();
  const bool three = type == Type::f32 && request.slots.size() == 4;
  std::uint32_t code = three ? extra_three : 0;
  if (can_flush(type) && words.take("ftz")) code |= extra_flush;
  if (type != Type::f64) {
    if (words.take("NaN")) code |= extra_nan;
    if (three) {
      if (words.take("abs")) code |= extra_abs;
    } else if (words.take("xorsign")) {
      if (!words.take("abs")) return refused("'" + words.name() + "' is not supported");
      code |= extra_xorsign;
    }
  }
  const FloatOp op = request.instruction.opcode == "min" ? FloatOp::min : FloatOp::max;
  const std::uint32_t key = float_key(op, type, code != 0 ? variant_extras : 0);
  if (three) return finish(request, key, {type, type, type, type}, code);
  return finish(request, key, {type, type, type}, code);
}

}  // namespace

Decoding decode_float_minmax(FloatRequest request) {
  FloatWords& words = request.words;
  const std::string_view opcode = request.instruction.opcode;
  const Type type = words.types().front();
  if (opcode == "min" || opcode == "max") return decode_extreme(std::move(request));
  if (opcode == "abs" || opcode == "neg") {
    const bool flush = can_flush(type) && words.take("ftz");
    const FloatOp op = opcode == "abs" ? FloatOp::abs : FloatOp::neg;
    return finish(request, float_key(op, type, flush ? variant_flushed : 0), {type, type});
  }
  if (opcode == "copysign") return finish(request, float_key(FloatOp::copysign, type), {type, type, type});
  const auto property = words.take_one({"finite", "infinite", "number", "notanumber", "normal", "subnormal"});
  if (!property) return refused("'" + words.name() + "' is not supported");
  return finish(request, float_key(FloatOp::testp, type), {Type::pred, type}, *property);
}

Decoding decode_float_compare(FloatRequest request) {
  FloatWords& words = request.words;
  const bool sets = request.instruction.opcode == "set";
  const Type type = words.types()[sets ? 1 : 0];
  const bool flush = can_flush(type) && words.take("ftz");
  const auto compare =
      words.take_one({"eq", "ne", "lt", "le", "gt", "ge", "equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan"});
  if (!compare) return refused("'" + words.name() + "' is not supported");
  const auto combination = words.take_one({"and", "or", "xor"});

  std::uint32_t code = relations_of(static_cast<FloatCompare>(*compare)) | (flush ? compare_flush : 0);
  if (combination) {
    constexpr std::uint32_t combinations[] = {compare_and, compare_or, compare_xor};
    code |= combinations[*combination];
    const auto& operands = request.instruction.operands;
    if (!operands.empty() && operands.back().negated) code |= compare_negated;
  }

  if (sets) {
    const Type result = words.types()[0];
    std::int64_t yes = 0;  // what stands for true
    const bool whole = result == Type::u32 || result == Type::s32;
    const bool narrow = result == Type::u16 || result == Type::s16;
    const bool half_source = type == Type::f16 || type == Type::bf16;
    if (is_packed(type)) {
      if (whole) yes = 0xffff;
      if (result == Type::f16x2) yes = 0x3c00;
      if (result == Type::bf16x2) yes = 0x3f80;
    } else {
      if (whole) yes = 0xffffffff;
      if (narrow && half_source) yes = 0xffff;
      if (result == Type::f32) yes = 0x3f800000;
      if (result == Type::f16 && type != Type::bf16) yes = 0x3c00;
      if (result == Type::bf16 && !flush) yes = 0x3f80;
    }
    if (yes == 0) return refused("'" + words.name() + "' is not supported");
    const std::uint32_t key = float_key(FloatOp::set, Type::none, type);
    if (combination) return finish(request, key, {result, type, type, Type::pred}, code, yes);
    return finish(request, key, {result, type, type}, code, yes);
  }

  const bool two = !request.instruction.operands.empty() && !request.instruction.operands.front().second.empty();
  std::uint32_t key = float_key(FloatOp::compare, Type::pred, type, two ? variant_pair : 0);
  if (!two && !combination && (type == Type::f32 || type == Type::f64)) {
    key = float_key(FloatOp::setp, Type::pred, type, flush ? variant_flushed : 0, *compare);
  }
  Decoding decoding = combination ? finish(request, key, {Type::pred, type, type, Type::pred}, code)
                                  : finish(request, key, {Type::pred, type, type}, code);
  if (two) decoding.second = Type::pred;
  return decoding;
}

}  // namespace cujitsu::softgpu
