// SPDX-License-Identifier: MIT
// Decoding cvt from, to and between floating-point types, and cvt.pack.
#include "softgpu/engine/ops/float_words.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace cujitsu::softgpu {

using ptx::Type;

namespace {

std::optional<ConvertRounding> take_any_rounding(FloatWords& words) {
  const auto index = words.take_one({"rn", "rm", "rp", "rz", "rni", "rmi", "rpi", "rzi", "rna"});
  if (!index) return std::nullopt;
  return static_cast<ConvertRounding>(*index + 1);
}

bool is_whole(ConvertRounding rounding) { return rounding >= ConvertRounding::rni && rounding <= ConvertRounding::rzi; }

bool is_eight_bit_pair(Type type) { return type == Type::e4m3x2 || type == Type::e5m2x2; }

Decoding decode_to_integer(FloatRequest& request, Type to, Type from, ConvertRounding rounding) {
  FloatWords& words = request.words;
  words.take("sat");  // such conversions clamp anyway
  const bool flush = from == Type::f32 && words.take("ftz");
  if (!is_whole(rounding)) return refused("'" + words.name() + "' is not supported");
  // A narrow result is extended into its register, of which the slot's rest stays 0.
  std::uint64_t keep = std::numeric_limits<std::uint64_t>::max();
  if (!request.slots.empty()) {
    const unsigned bits = ptx::bits_of(request.slots[0].type);
    if (bits != 0 && bits < 64) keep = (std::uint64_t{1} << bits) - 1;
  }
  const std::uint32_t key =
      float_key(FloatOp::to_integer, to, from, flush ? variant_flushed : 0, static_cast<std::uint32_t>(rounding));
  return finish(request, key, {to, from}, 0, static_cast<std::int64_t>(keep));
}

Decoding decode_from_integer(FloatRequest& request, Type to, Type from, ConvertRounding rounding) {
  FloatWords& words = request.words;
  if (to == Type::f32) words.take("ftz");  // no integer is subnormal
  const bool saturate = words.take("sat");
  const std::uint32_t key = float_key(FloatOp::from_integer, to, from, saturate ? variant_saturated : 0,
                                      static_cast<std::uint32_t>(rounding));
  return finish(request, key, {to, from});
}

/// Two values into one register, or the pairs of 8-bit formats.
Decoding decode_packing(FloatRequest& request, Type to, Type from, ConvertRounding rounding) {
  FloatWords& words = request.words;
  const std::uint32_t code = words.take("relu") ? extra_relu : 0;
  const std::uint32_t variant = words.take("satfinite") ? variant_saturated : 0;
  const std::uint32_t key = float_key(FloatOp::pack, to, from, variant, static_cast<std::uint32_t>(rounding));
  if (from == Type::f32) return finish(request, key, {to, from, from}, code);
  return finish(request, key, {to, from}, code);
}

/// How many bits wide each type is whose values cvt.pack packs.
struct Packed {
  std::string_view name;
  std::uint32_t width;
};
constexpr Packed packed_types[] = {{"u2", 2}, {"s2", 2}, {"u4", 4},   {"s4", 4},
                                   {"u8", 8}, {"s8", 8}, {"u16", 16}, {"s16", 16}};

}  // namespace

Decoding decode_pack(FloatRequest request) {
  const auto& modifiers = request.instruction.modifiers;  // pack, sat, the type, s32, and with a third operand b32
  const bool third = modifiers.size() == 5;
  const bool named = modifiers.size() >= 4 && modifiers[0] == "pack" && modifiers[1] == "sat" && modifiers[3] == "s32";
  if (!named || modifiers.size() > 5 || (third && modifiers[4] != "b32"))
    return refused("'" + request.words.name() + "' is not supported");
  for (const Packed& packed : packed_types) {
    if (modifiers[2] != packed.name || third == (packed.width == 16)) continue;
    const std::uint32_t code = packed.width | (packed.name[0] == 's' ? pack_signed : 0);
    for (const std::string_view word : {"pack", "sat"}) request.words.take(word);
    request.words.take(packed.name);
    if (third)
      return finish(request, float_key(FloatOp::pack, Type::b32, Type::s32),
                    {Type::b32, Type::s32, Type::s32, Type::b32}, code);
    return finish(request, float_key(FloatOp::pack, Type::u32, Type::s32), {Type::b32, Type::s32, Type::s32}, code);
  }
  return refused("'" + request.words.name() + "' is not supported");
}

Decoding decode_float_convert(FloatRequest request) {
  FloatWords& words = request.words;
  const Type to = words.types()[0];
  const Type from = words.types()[1];
  const ConvertRounding rounding = take_any_rounding(words).value_or(ConvertRounding::none);
  if (!ptx::is_floating(to)) return decode_to_integer(request, to, from, rounding);
  if (!ptx::is_floating(from)) return decode_from_integer(request, to, from, rounding);
  if (to == Type::f16x2 || to == Type::bf16x2 || is_eight_bit_pair(to)) {
    return decode_packing(request, to, from, rounding);
  }

  std::uint32_t code = 0;
  if ((to == Type::f32 || from == Type::f32) && to != Type::tf32 && words.take("ftz")) code |= extra_flush;
  const bool narrows = to == Type::f16 || to == Type::bf16 || to == Type::tf32;
  if (narrows && from == Type::f32) {
    if (rounding != ConvertRounding::rna && words.take("relu")) code |= extra_relu;
    if (words.take("satfinite")) code |= extra_finite;
  }
  if (to != Type::bf16 && to != Type::tf32 && words.take("sat")) code |= extra_saturate;
  const bool extras = code != 0 && to != Type::tf32;
  const std::uint32_t key =
      float_key(FloatOp::convert, to, from, extras ? variant_extras : 0, static_cast<std::uint32_t>(rounding));
  return finish(request, key, {to, from}, code);
}

}  // namespace cujitsu::softgpu
