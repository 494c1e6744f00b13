// SPDX-License-Identifier: MIT
// Reading a floating-point instruction's modifiers, and making a Decoding of what was understood.
#include "softgpu/engine/ops/float_words.hpp"

#include "softgpu/engine/ops/handler_index.hpp"

#include <algorithm>

namespace cujitsu::softgpu {
namespace {

const HandlerIndex& handlers(Isa isa) {
  const auto all = [](Isa which) {
    return HandlerIndex{float_arithmetic_table_of(which), float_minmax_table_of(which),  float_compare_table_of(which),
                        half_arithmetic_table_of(which),  approx_table_of(which),        convert_float_table_of(which),
                        convert_integer_table_of(which),  convert_packed_table_of(which)};
  };
  switch (isa) {
    case Isa::v4: {
      static const HandlerIndex index = all(Isa::v4);
      return index;
    }
    case Isa::v3: {
      static const HandlerIndex index = all(Isa::v3);
      return index;
    }
    case Isa::baseline: break;
  }
  static const HandlerIndex index = all(Isa::baseline);
  return index;
}

SlotKind kind_of(ptx::Type type) {
  if (type == ptx::Type::pred) return SlotKind::pred;
  return ptx::bits_of(type) <= 32 ? SlotKind::b32 : SlotKind::b64;
}

}  // namespace

FloatWords::FloatWords(const ptx::Instruction& instruction) : opcode_(instruction.opcode), name_(instruction.opcode) {
  for (const std::string_view word : instruction.modifiers) {
    name_.append(".").append(word);
    if (const auto type = ptx::parse_type(word))
      types_.push_back(*type);
    else
      words_.push_back(word);
  }
}

bool FloatWords::take(std::string_view word) {
  const auto found = std::find(words_.begin(), words_.end(), word);
  if (found == words_.end()) return false;
  words_.erase(found);
  return true;
}

std::optional<unsigned> FloatWords::take_one(std::initializer_list<std::string_view> words) {
  unsigned index = 0;
  for (const std::string_view word : words) {
    if (take(word)) return index;
    ++index;
  }
  return std::nullopt;
}

std::optional<Rounding> FloatWords::take_rounding() {
  const auto index = take_one({"rn", "rm", "rp", "rz"});
  if (!index) return std::nullopt;
  return static_cast<Rounding>(*index);
}

std::string FloatWords::left() const {
  std::string text;
  for (const std::string_view word : words_) text.append(".").append(word);
  return text.empty() ? text : opcode_ + text;
}

Decoding finish(const FloatRequest& request, std::uint32_t key, std::initializer_list<ptx::Type> operands,
                std::uint32_t code, std::int64_t immediate) {
  const std::string& name = request.words.name();
  if (const std::string left = request.words.left(); !left.empty()) {
    return refused("'" + left + "' is not supported in '" + name + "'");
  }
  if (operands.size() != request.slots.size()) {
    return refused("'" + name + "' with " + std::to_string(request.slots.size()) + " operands is not supported");
  }
  std::size_t n = 0;
  for (const ptx::Type type : operands) {
    const SlotKind kind = request.slots[n++].kind;
    if (kind != SlotKind::none && kind != kind_of(type)) {
      return refused("a register of another width than its type is not supported in '" + name + "'");
    }
  }
  const HandlerPair* pair = handlers(request.isa).find(key);
  if (pair == nullptr) return refused("'" + name + "' is not supported");
  Decoding decoding;
  decoding.answer = Decoding::Answer::decoded;
  decoding.whole = pair->whole;
  decoding.masked = pair->masked;
  std::copy(operands.begin(), operands.end(), decoding.operands.begin());
  decoding.code = code;
  decoding.immediate = immediate;
  return decoding;
}

}  // namespace cujitsu::softgpu
