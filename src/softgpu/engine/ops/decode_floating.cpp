// SPDX-License-Identifier: MIT
// Decoding floating-point arithmetic, and sending every other floating-point family to its decoder.
#include "softgpu/engine/ops/float_words.hpp"

namespace cujitsu::softgpu {
namespace {

using ptx::Type;

bool is_packed(Type type) { return type == Type::f16x2 || type == Type::bf16x2; }
bool is_half(Type type) { return type == Type::f16 || type == Type::bf16 || is_packed(type); }

bool is_pack(const ptx::Instruction& instruction) {
  return instruction.opcode == "cvt" && !instruction.modifiers.empty() && instruction.modifiers.front() == "pack";
}

struct Family {
  std::string_view opcode;
  Decoding (*decode)(FloatRequest request);
};

constexpr Family families[] = {
    {"add", decode_float_arithmetic},  {"sub", decode_float_arithmetic}, {"mul", decode_float_arithmetic},
    {"fma", decode_float_arithmetic},  {"mad", decode_float_arithmetic}, {"div", decode_float_function},
    {"rcp", decode_float_function},    {"sqrt", decode_float_function},  {"rsqrt", decode_float_function},
    {"ex2", decode_float_function},    {"lg2", decode_float_function},   {"sin", decode_float_function},
    {"cos", decode_float_function},    {"tanh", decode_float_function},  {"min", decode_float_minmax},
    {"max", decode_float_minmax},      {"abs", decode_float_minmax},     {"neg", decode_float_minmax},
    {"copysign", decode_float_minmax}, {"testp", decode_float_minmax},   {"setp", decode_float_compare},
    {"set", decode_float_compare},     {"cvt", decode_float_convert},
};

}  // namespace

Decoding decode_float_arithmetic(FloatRequest request) {
  FloatWords& words = request.words;
  const std::string_view opcode = request.instruction.opcode;
  const bool fused = opcode == "fma" || opcode == "mad";
  const FloatOp op = opcode == "add"   ? FloatOp::add
                     : opcode == "sub" ? FloatOp::sub
                     : opcode == "mul" ? FloatOp::mul
                                       : FloatOp::fma;
  const Type type = words.types().front();
  const auto rounding = words.take_rounding();
  std::uint32_t variant = 0;
  std::uint32_t code = 0;
  if (is_half(type)) {
    if (opcode == "mad" || (rounding && *rounding != Rounding::nearest)) {
      return refused("'" + words.name() + "' is not supported");
    }
    if (type == Type::f16 || type == Type::f16x2) {
      code |= words.take("ftz") ? extra_flush : 0;
      code |= words.take("sat") ? extra_saturate : 0;
    }
    if (fused && (code & extra_saturate) == 0) code |= words.take("relu") ? extra_relu : 0;
    variant = code != 0 ? variant_extras : 0;
  } else {
    const bool flush = type == Type::f32 && words.take("ftz");
    if (type == Type::f32 && words.take("sat")) variant |= variant_saturated;
    code = float_mode(rounding.value_or(Rounding::nearest), flush);
    if (code != 0) variant |= variant_moded;
  }
  if (fused && !rounding && opcode == "fma")
    return refused("'" + words.name() + "' without a rounding is not supported");
  const std::uint32_t key = float_key(op, type, variant);
  if (fused) return finish(request, key, {type, type, type, type}, code);
  return finish(request, key, {type, type, type}, code);
}

Decoding decode_floating_for(Isa isa, const ptx::Instruction& instruction, std::span<const OperandSlot> slots) {
  for (const Family& family : families) {
    if (instruction.opcode != family.opcode) continue;
    FloatRequest request{instruction, slots, isa, FloatWords(instruction)};
    const auto& types = request.words.types();
    if (is_pack(instruction)) return decode_pack(std::move(request));
    const bool converts = family.opcode == "set" || family.opcode == "cvt";
    if (converts ? types.size() < 2 : types.empty()) return {};
    // set compares what its second type says; cvt is here with any floating type.
    const bool mine = family.opcode == "cvt" ? ptx::is_floating(types[0]) || ptx::is_floating(types[1])
                                             : ptx::is_floating(types[converts ? 1 : 0]);
    if (!mine) return {};
    if (types.size() != (converts ? 2u : 1u)) return refused("'" + request.words.name() + "' is not supported");
    return family.decode(std::move(request));
  }
  return {};
}

Decoding decode_floating(const ptx::Instruction& instruction, std::span<const OperandSlot> slots) {
  return decode_floating_for(isa(), instruction, slots);
}

}  // namespace cujitsu::softgpu
