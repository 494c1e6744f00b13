// SPDX-License-Identifier: MIT
// ld, ldu and st; and which decoder the other memory instructions have.
#include "softgpu/engine/decoding.hpp"
#include "softgpu/engine/isa.hpp"
#include "softgpu/engine/ops/handler_index.hpp"
#include "softgpu/engine/ops/memory_keys.hpp"
#include "softgpu/engine/ops/memory_modifiers.hpp"
#include "softgpu/engine/ops/memory_ordered.hpp"

#include <optional>

namespace cujitsu::softgpu {
namespace {

/// Types that memory can hold: no pairs, no narrow formats that have no registers of their own.
bool is_memory_type(ptx::Type type) {
  using ptx::Type;
  switch (type) {
    case Type::b8:
    case Type::b16:
    case Type::b32:
    case Type::b64:
    case Type::b128:
    case Type::u8:
    case Type::u16:
    case Type::u32:
    case Type::u64:
    case Type::s8:
    case Type::s16:
    case Type::s32:
    case Type::s64:
    case Type::f16:
    case Type::bf16:
    case Type::f32:
    case Type::f64: return true;
    default: return false;
  }
}

std::string text(const ptx::Instruction& in) { return std::string(in.opcode); }

struct Place {
  Where where = Where::generic;
  std::string why_not;
};

Place place_of(const ptx::Instruction& in, const MemoryModifiers& modifiers, const OperandSlot& address,
               bool is_store) {
  using ptx::Space;
  if (address.kind != SlotKind::b32 && address.kind != SlotKind::b64) return {{}, text(in) + " without an address"};
  Place place;
  switch (modifiers.space.value_or(Space::generic)) {
    case Space::generic: break;
    case Space::global: place.where = Where::global; break;
    case Space::constant: place.where = Where::constant; break;
    case Space::shared: place.where = Where::shared; break;
    case Space::local: place.where = Where::local; break;
    case Space::param:
      if (is_store && address.is_kernel_parameter) return {{}, "a store to a kernel's parameter is not supported"};
      if (modifiers.is_entry && !address.is_kernel_parameter) return {{}, ".param::entry of a function's parameter"};
      if (modifiers.is_function && address.is_kernel_parameter) return {{}, ".param::func of a kernel's parameter"};
      if (address.has_base_register && !address.is_kernel_parameter) {
        return {{}, "a function's parameter by an address in a register is not supported"};
      }
      place.where = !address.is_kernel_parameter ? Where::call_param
                    : address.has_base_register  ? Where::entry
                                                 : Where::kernel_param;
      break;
    case Space::reg: return {{}, "registers have no addresses"};
  }
  const bool is_real = place.where == Where::generic || place.where == Where::global ||
                       place.where == Where::constant || place.where == Where::entry;
  if (is_real && address.kind != SlotKind::b64) return {{}, "a 32-bit address of this space is not supported"};
  if (is_store && place.where == Where::constant) return {{}, refusal(in, "const")};
  return place;
}

Addressing addressing_of(Where where) {
  switch (where) {
    case Where::generic:
    case Where::global:
    case Where::constant:
    case Where::entry: return Addressing::real;
    case Where::shared: return Addressing::shared;
    case Where::local:
    case Where::call_param: return Addressing::strided;
    case Where::kernel_param: return Addressing::parameter;
  }
  return Addressing::real;
}

struct Registers {
  bool is_wide = false;  ///< b64 slots for narrower elements
  unsigned bits = 0;     ///< of the registers; 0: there are none, only sinks or immediates
  std::string why_not;
};

Registers registers_of(const ptx::Instruction& in, std::span<const OperandSlot> elements, ptx::Type type) {
  Registers result;
  const unsigned bits = ptx::bits_of(type);
  for (const OperandSlot& element : elements) {
    if (element.kind == SlotKind::none) continue;
    if (element.kind == SlotKind::pred) return {{}, {}, text(in) + " of a predicate"};
    const unsigned width = ptx::bits_of(element.type);
    if (width < bits) return {{}, {}, text(in) + " with a register that is narrower than the type"};
    if (width != bits && (ptx::is_floating(type) || width > 64)) {
      return {{}, {}, text(in) + " with a register of another size than the type"};
    }
    if (result.bits != 0 && result.bits != width) return {{}, {}, text(in) + " with registers of different sizes"};
    result.bits = width;
  }
  result.is_wide = bits < 64 && result.bits == 64;
  return result;
}

Extension extension_for(ptx::Type type, const Registers& registers) {
  if (!ptx::is_signed(type) || registers.bits <= ptx::bits_of(type)) return Extension::zero;
  switch (registers.bits) {
    case 16: return Extension::sign_to_16;
    case 32: return Extension::sign_to_32;
    default: return Extension::sign_to_64;
  }
}

Decoding decode_transfer(const ptx::Instruction& in, std::span<const OperandSlot> slots, bool is_store) {
  const MemoryModifiers modifiers =
      is_store ? read_memory_modifiers(in, {"v2", "v4", "v8"}) : read_memory_modifiers(in, {"nc", "v2", "v4", "v8"});
  if (!modifiers.why_not.empty()) return refused(modifiers.why_not);
  const ptx::Type type = modifiers.type;
  const std::uint32_t vector = modifiers.vector;
  if (!is_memory_type(type)) return refused(refusal(in, ptx::to_string(type)));
  if (slots.size() != vector + 1 + (modifiers.has_cache_hint ? 1 : 0)) {
    return refused(text(in) + " with a wrong number of operands");
  }
  const std::size_t address_index = is_store ? 0 : vector;
  const std::size_t first_element = is_store ? 1 : 0;
  const OperandSlot& address = slots[address_index];
  const Place place = place_of(in, modifiers, address, is_store);
  if (!place.why_not.empty()) return refused(place.why_not);
  const Registers registers = registers_of(in, slots.subspan(first_element, vector), type);
  if (!registers.why_not.empty()) return refused(registers.why_not);

  Decoding decoding;
  const std::uint32_t bytes = ptx::bits_of(type) / 8;
  if (modifiers.is_ordered) {
    if (place.where == Where::kernel_param || place.where == Where::call_param || place.where == Where::entry) {
      return refused("a volatile or ordered access to parameters is not supported");
    }
    decoding.whole = is_store ? ordered_store(bytes) : ordered_load(bytes);
    if (decoding.whole == nullptr || bytes * vector > 32) {
      return refused("a volatile or ordered access of this size is not supported");
    }
    decoding.masked = decoding.whole;
  } else {
    static const HandlerIndex loads{load_table_of(isa())};
    static const HandlerIndex stores{store_table_of(isa())};
    const HandlerPair* handlers =
        (is_store ? stores : loads).find(memory_key(addressing_of(place.where), bytes, vector));
    if (handlers == nullptr) return refused("a vector of this size is not supported");
    decoding.whole = handlers->whole;
    decoding.masked = handlers->masked;
  }
  decoding.answer = Decoding::Answer::decoded;
  decoding.vector = vector > 1;
  decoding.operands[address_index] = ptx::Type::b64;
  for (std::size_t i = 0; i < vector; ++i) {
    // A sink or an immediate must have a slot as wide as the registers beside it.
    const bool is_free = slots[first_element + i].kind == SlotKind::none;
    decoding.operands[first_element + i] = is_free && registers.is_wide ? ptx::Type::b64 : type;
  }
  const Extension extension = is_store ? Extension::zero : extension_for(type, registers);
  decoding.code = static_cast<std::uint32_t>(place.where) |
                  (address.kind == SlotKind::b64 ? access_code::wide_address : 0) |
                  static_cast<std::uint32_t>(extension) << access_code::extension_shift |
                  (registers.is_wide ? access_code::wide_register : 0) | vector << access_code::vector_shift |
                  bytes << access_code::bytes_shift;
  return decoding;
}

}  // namespace

Decoding decode_load(const ptx::Instruction& in, std::span<const OperandSlot> slots) {
  return decode_transfer(in, slots, false);
}

Decoding decode_store(const ptx::Instruction& in, std::span<const OperandSlot> slots) {
  return decode_transfer(in, slots, true);
}

Decoding decode_memory(const ptx::Instruction& in, std::span<const OperandSlot> slots) {
  if (in.opcode == "ld" || in.opcode == "ldu") return decode_load(in, slots);
  if (in.opcode == "st") return decode_store(in, slots);
  if (in.opcode == "atom" || in.opcode == "red") return decode_atomic(in, slots);
  return decode_address(in, slots);
}

}  // namespace cujitsu::softgpu
