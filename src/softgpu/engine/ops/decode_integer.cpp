// SPDX-License-Identifier: MIT
// decode_integer: finds the group of an opcode; and the checks that all groups end with.
#include "softgpu/engine/ops/decode_integer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cujitsu::softgpu {
namespace {

using ptx::Type;
using Kind = ptx::Operand::Kind;

const HandlerIndex& handlers_of(Isa isa) {
  const auto index = [](Isa which) {
    return HandlerIndex{
        integer_move_table_of(which),  integer_arithmetic_table_of(which), integer_multiply_table_of(which),
        integer_carry_table_of(which), integer_divide_table_of(which),     integer_shift_table_of(which),
        integer_bits_table_of(which),  integer_compare_table_of(which),    integer_convert_table_of(which)};
  };
  static const HandlerIndex indices[] = {index(Isa::baseline), index(Isa::v3), index(Isa::v4)};
  return indices[static_cast<std::size_t>(isa)];
}

std::string quoted(std::string_view word) { return fmt::format("'{}'", word); }

SlotKind slot_kind_of(Type type) {
  if (type == Type::pred) return SlotKind::pred;
  const unsigned bits = ptx::bits_of(type);
  return bits <= 32 ? SlotKind::b32 : bits == 64 ? SlotKind::b64 : SlotKind::b128;
}

}  // namespace

Modifiers::Modifiers(const ptx::Instruction& instruction) : words_(instruction.modifiers) {}

bool Modifiers::take(std::string_view word) {
  const auto found = std::find(words_.begin(), words_.end(), word);
  if (found == words_.end()) return false;
  words_.erase(found);
  return true;
}

Type Modifiers::take_type() {
  for (auto word = words_.begin(); word != words_.end(); ++word) {
    if (const auto type = ptx::parse_type(*word)) {
      words_.erase(word);
      return *type;
    }
  }
  return Type::none;
}

Type Modifiers::last_type() const {
  for (auto word = words_.rbegin(); word != words_.rend(); ++word) {
    if (const auto type = ptx::parse_type(*word)) return *type;
  }
  return Type::none;
}

bool Modifiers::has_floating_type() const {
  return std::any_of(words_.begin(), words_.end(), [](std::string_view word) {
    const auto type = ptx::parse_type(word);
    return type && ptx::is_floating(*type);
  });
}

IntegerDecoder::IntegerDecoder(Isa isa, const ptx::Instruction& instruction, std::span<const OperandSlot> operand_slots)
    : in(instruction), slots(operand_slots), handlers(handlers_of(isa)), modifiers(instruction) {
  for (const auto& operand : in.operands) {
    if (operand.kind != Kind::vector) {
      operands.push_back(&operand);
      continue;
    }
    for (const auto& element : operand.elements) operands.push_back(&element);
  }
}

Decoding IntegerDecoder::bad_type(Type type) const {
  if (type == Type::none) return refused(std::string(in.opcode) + " without a type");
  return refused(std::string(in.opcode) + " of ." + std::string(ptx::to_string(type)) + " is not supported");
}

std::string IntegerDecoder::why_not(std::size_t operand, Type type, const Options& options) const {
  const ptx::Operand& written = *operands[operand];
  const std::string which = "operand " + std::to_string(operand + 1);
  const bool is_result = operand < options.results;
  if (written.negated && (options.negatable >> operand & 1) == 0) return which + " can not be negated";
  if (!written.second.empty() && (operand != 0 || options.second == Type::none)) return which + " can not be a pair";
  switch (written.kind) {
    case Kind::reg: {
      const OperandSlot& slot = slots[operand];
      if (slot.kind != slot_kind_of(type) || ptx::bits_of(slot.type) != ptx::bits_of(type))
        return which + " is a register of ." + std::string(ptx::to_string(slot.type)) + ", not of ." +
               std::string(ptx::to_string(type));
      return {};
    }
    case Kind::sink: return is_result ? std::string{} : which + " can not be '_'";
    case Kind::integer: return is_result ? which + " can not be a constant" : std::string{};
    case Kind::float32:
    case Kind::float64:
      return is_result || !options.floating_constants ? which + " can not be a floating-point constant" : std::string{};
    case Kind::special: return is_result ? which + " can not be written" : std::string{};
    default: return which + " is not supported";
  }
}

Decoding IntegerDecoder::finish(std::uint32_t key, std::initializer_list<Type> types, Options options) const {
  if (!modifiers.left().empty())
    return refused(std::string(in.opcode) + ": modifier " + quoted(modifiers.left()) + " is not supported");
  if (operands.size() != types.size() || slots.size() != types.size())
    return refused(std::string(in.opcode) + " takes " + std::to_string(types.size()) + " operands, not " +
                   std::to_string(operands.size()));
  Decoding decoding;
  std::size_t operand = 0;
  for (const Type type : types) {
    if (type != Type::none) {
      if (auto why = why_not(operand, type, options); !why.empty()) return refused(std::string(in.opcode) + ": " + why);
    }
    decoding.operands[operand++] = type;
  }
  const HandlerPair* pair = handlers.find(key);
  if (pair == nullptr) return refused(std::string(in.opcode) + " with these modifiers is not supported");
  decoding.answer = Decoding::Answer::decoded;
  decoding.second = options.second;
  decoding.whole = pair->whole;
  decoding.masked = pair->masked;
  return decoding;
}

bool is_one_of(Type type, std::initializer_list<Type> types) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

Type unsigned_of(Type type) {
  switch (type) {
    case Type::s16:
    case Type::b16: return Type::u16;
    case Type::s32:
    case Type::b32: return Type::u32;
    case Type::s64:
    case Type::b64: return Type::u64;
    case Type::s16x2: return Type::u16x2;
    default: return type;
  }
}

Type untyped_of(Type type) {
  if (type == Type::none || type == Type::pred) return type;
  switch (ptx::bits_of(type)) {
    case 8: return Type::b8;
    case 16: return Type::b16;
    case 32: return Type::b32;
    case 64: return Type::b64;
    default: return Type::b128;
  }
}

Decoding decode_integer_for(Isa isa, const ptx::Instruction& instruction, std::span<const OperandSlot> slots) {
  IntegerDecoder decoder(isa, instruction, slots);
  for (const auto group : {decode_integer_arithmetic, decode_integer_move, decode_integer_bits, decode_integer_compare,
                           decode_integer_convert}) {
    if (auto decoding = group(decoder)) return *std::move(decoding);
  }
  return {};
}

Decoding decode_integer(const ptx::Instruction& instruction, std::span<const OperandSlot> slots) {
  return decode_integer_for(isa(), instruction, slots);
}

}  // namespace cujitsu::softgpu
