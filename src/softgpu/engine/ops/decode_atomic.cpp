// SPDX-License-Identifier: MIT
// atom and red.
#include "softgpu/engine/ops/atomic_handlers.hpp"
#include "softgpu/engine/ops/memory_modifiers.hpp"

#include <optional>

namespace cujitsu::softgpu {
namespace {

std::optional<AtomicOperation> operation_of(std::string_view word) {
  using enum AtomicOperation;
  if (word == "add") return add;
  if (word == "min") return min;
  if (word == "max") return max;
  if (word == "inc") return inc;
  if (word == "dec") return dec;
  if (word == "and") return bit_and;
  if (word == "or") return bit_or;
  if (word == "xor") return bit_xor;
  if (word == "exch") return exchange;
  if (word == "cas") return compare;
  return std::nullopt;
}

std::optional<Where> where_for(const MemoryModifiers& modifiers) {
  if (!modifiers.space) return Where::generic;
  if (*modifiers.space == ptx::Space::global) return Where::global;
  if (*modifiers.space == ptx::Space::shared) return Where::shared;
  return std::nullopt;
}

bool is_narrow(ptx::Type type) {
  using ptx::Type;
  return type == Type::f16 || type == Type::f16x2 || type == Type::bf16 || type == Type::bf16x2;
}

/// Whether a register may hold a value of `type`; immediates and sinks always may.
bool fits(const OperandSlot& slot, ptx::Type type) {
  if (slot.kind == SlotKind::none) return true;
  return slot.kind != SlotKind::pred && ptx::bits_of(slot.type) == ptx::bits_of(type);
}

}  // namespace

Decoding decode_atomic(const ptx::Instruction& in, std::span<const OperandSlot> slots) {
  const MemoryModifiers modifiers =
      read_memory_modifiers(in, {"add", "min", "max", "inc", "dec", "and", "or", "xor", "exch", "cas", "noftz"});
  if (!modifiers.why_not.empty()) return refused(modifiers.why_not);
  const std::string name(in.opcode);
  const bool returns = in.opcode == "atom";
  const ptx::Type type = modifiers.type;
  const auto operation = operation_of(modifiers.operation);
  const auto where = where_for(modifiers);
  if (!operation) return refused(name + " without an operation");
  if (!where) return refused(name + " in this space is not supported");
  if (modifiers.is_noftz != is_narrow(type)) {
    return refused(modifiers.is_noftz ? refusal(in, "noftz") : name + " of this type without .noftz");
  }

  Decoding decoding;
  decoding.whole = integer_atomic(*operation, type, returns);
  if (decoding.whole == nullptr) decoding.whole = floating_atomic(*operation, type, returns);
  if (decoding.whole == nullptr) {
    return refused(name + "." + std::string(modifiers.operation) + " of ." + std::string(ptx::to_string(type)) +
                   " is not supported");
  }
  decoding.masked = decoding.whole;

  const std::size_t address_index = returns ? 1 : 0;
  const std::size_t values = *operation == AtomicOperation::compare ? 2 : 1;
  if (slots.size() != address_index + 1 + values + (modifiers.has_cache_hint ? 1 : 0)) {
    return refused(name + " with a wrong number of operands");
  }
  for (std::size_t i = 0; i < address_index + 1 + values; ++i) {
    if (i == address_index) continue;
    if (!fits(slots[i], type)) return refused(name + " with a register of another size than the type");
    decoding.operands[i] = type;
  }
  const OperandSlot& address = slots[address_index];
  if (address.kind != SlotKind::b64 && (address.kind != SlotKind::b32 || *where != Where::shared)) {
    return refused("a 32-bit address of this space is not supported");
  }
  decoding.operands[address_index] = ptx::Type::b64;
  decoding.answer = Decoding::Answer::decoded;
  decoding.code = static_cast<std::uint32_t>(*where) | (address.kind == SlotKind::b64 ? access_code::wide_address : 0) |
                  1u << access_code::vector_shift | ptx::bits_of(type) / 8 << access_code::bytes_shift;
  return decoding;
}

}  // namespace cujitsu::softgpu
