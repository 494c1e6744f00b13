// SPDX-License-Identifier: MIT
// setp and set of integers.
#include "softgpu/engine/ops/decode_integer.hpp"

namespace cujitsu::softgpu {
namespace {

using ptx::Type;
using Family = IntegerFamily;

struct Comparison {
  std::string_view name;
  Family family;
  bool orders;  ///< not for bits
  bool only_unsigned;
};
constexpr Comparison comparisons[] = {
    {"eq", Family::compare_eq, false, false}, {"ne", Family::compare_ne, false, false},
    {"lt", Family::compare_lt, true, false},  {"le", Family::compare_le, true, false},
    {"gt", Family::compare_gt, true, false},  {"ge", Family::compare_ge, true, false},
    {"lo", Family::compare_lt, true, true},   {"ls", Family::compare_le, true, true},
    {"hi", Family::compare_gt, true, true},   {"hs", Family::compare_ge, true, true},
};

/// What `set` writes for true: all ones for integers, 1.0 for floats. 0: no type of set.
std::uint32_t truth_of(Type type) {
  switch (type) {
    case Type::u16:
    case Type::s16: return 0xffff;
    case Type::u32:
    case Type::s32: return 0xffffffff;
    case Type::f16: return 0x3c00;
    case Type::bf16: return 0x3f80;
    case Type::f32: return 0x3f800000;
    default: return 0;
  }
}

}  // namespace

std::optional<Decoding> decode_integer_compare(IntegerDecoder& decoder) {
  const bool is_set = decoder.in.opcode == "set";
  if (!is_set && decoder.in.opcode != "setp") return std::nullopt;
  Modifiers& modifiers = decoder.modifiers;
  if (ptx::is_floating(modifiers.last_type())) return std::nullopt;

  const Comparison* comparison = nullptr;
  for (const auto& one : comparisons) {
    if (comparison == nullptr && modifiers.take(one.name)) comparison = &one;
  }
  std::uint32_t code = modifiers.take("and")   ? combine_and
                       : modifiers.take("or")  ? combine_or
                       : modifiers.take("xor") ? combine_xor
                                               : combine_none;
  const Type result = is_set ? modifiers.take_type() : Type::pred;
  const Type type = modifiers.take_type();
  const bool untyped = is_one_of(type, {Type::b16, Type::b32, Type::b64});
  if (!untyped && !is_one_of(type, {Type::u16, Type::u32, Type::u64, Type::s16, Type::s32, Type::s64}))
    return decoder.bad_type(type);
  if (is_set && truth_of(result) == 0) return decoder.bad_type(result);
  if (comparison == nullptr) return refused(std::string(decoder.in.opcode) + " without a comparison of integers");
  if ((comparison->orders && untyped) || (comparison->only_unsigned && ptx::is_signed(type)))
    return refused(std::string(decoder.in.opcode) + "." + std::string(comparison->name) + " of ." +
                   std::string(ptx::to_string(type)) + " is not supported");

  const bool is_combined = code != combine_none;
  if (is_combined && decoder.operands.size() > 3 && decoder.operands[3]->negated) code |= combine_negated;
  const bool is_pair = !is_set && !decoder.operands.empty() && !decoder.operands[0]->second.empty();
  const unsigned variant = is_set        ? compare_set
                           : is_pair     ? compare_pair
                           : is_combined ? compare_combined
                                         : compare_plain;
  // Equality does not see the sign.
  const std::uint32_t key = integer_key(comparison->family, comparison->orders ? type : unsigned_of(type), variant);
  IntegerDecoder::Options options;
  options.negatable = 1u << 3;
  if (is_pair) options.second = Type::pred;
  auto decoding = is_combined ? decoder.finish(key, {result, type, type, Type::pred}, options)
                              : decoder.finish(key, {result, type, type}, options);
  decoding.code = code;
  decoding.immediate = truth_of(result);
  return decoding;
}

}  // namespace cujitsu::softgpu
