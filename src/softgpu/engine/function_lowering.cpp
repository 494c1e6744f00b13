// SPDX-License-Identifier: MIT
#include "softgpu/engine/function_lowering.hpp"

#include "softgpu/engine/collectives.hpp"
#include "softgpu/engine/control.hpp"
#include "softgpu/engine/immediates.hpp"
#include "softgpu/engine/limits.hpp"
#include "softgpu/engine/module_image.hpp"
#include "softgpu/engine/ops/memory_access.hpp"
#include "softgpu/ptx/describe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>

namespace cujitsu::softgpu {
namespace {

using Kind = ptx::Operand::Kind;

SlotKind kind_of(ptx::Type type) noexcept {
  if (type == ptx::Type::none) return SlotKind::none;
  if (type == ptx::Type::pred) return SlotKind::pred;
  const auto bits = ptx::bits_of(type);
  return bits <= 32 ? SlotKind::b32 : bits == 64 ? SlotKind::b64 : SlotKind::b128;
}

/// Each element of a vector by itself.
std::vector<const ptx::Operand*> flattened(const ptx::Instruction& in) {
  std::vector<const ptx::Operand*> result;
  for (const auto& operand : in.operands) {
    if (operand.kind != Kind::vector) {
      result.push_back(&operand);
      continue;
    }
    for (const auto& element : operand.elements) result.push_back(&element);
  }
  return result;
}

bool has_address(const ptx::Instruction& in) {
  return std::ranges::any_of(in.operands, [](const auto& operand) { return operand.kind == Kind::address; });
}

/// Which of the operands as written is the one address; nothing: none may be.
std::optional<std::size_t> address_position(std::string_view opcode) {
  constexpr std::array<std::string_view, 6> first{"st", "red", "prefetch", "prefetchu", "applypriority", "discard"};
  constexpr std::array<std::string_view, 4> second{"ld", "ldu", "atom", "createpolicy"};
  if (std::ranges::find(first, opcode) != first.end()) return 0;
  if (std::ranges::find(second, opcode) != second.end()) return 1;
  return std::nullopt;
}

/// What decoders, to which an operand is little more than a width, do not see. Empty: nothing is wrong.
std::string why_misshapen(const ptx::Instruction& in, const Decoding& decoding) {
  const auto position = address_position(in.opcode);
  for (std::size_t i = 0; i < in.operands.size(); ++i) {
    const auto& operand = in.operands[i];
    const bool is_address = operand.kind == Kind::address;
    if (is_address && position != i) return "an address is in a wrong place";
    if (is_address && !operand.elements.empty()) return "an address of several values is not supported";
    for (const auto& element : operand.elements)
      if (element.kind == Kind::address || element.kind == Kind::vector || !element.second.empty())
        return "a vector of something else than values is not supported";
    if (!operand.second.empty() && (i != 0 || decoding.second == ptx::Type::none))
      return fmt::format("operand {} can not be a pair", i + 1);
  }
  const bool may_lack_address = in.opcode == "createpolicy";
  if (position && !may_lack_address &&
      (*position >= in.operands.size() || in.operands[*position].kind != Kind::address))
    return "an address is missing";
  return {};
}

/// For decoders, which know nothing of symbols: an address is a number.
ptx::Instruction with_numbers(const ptx::Instruction& in) {
  auto result = in;
  for (auto& operand : result.operands)
    if (operand.kind == Kind::symbol) operand.kind = Kind::integer;
  return result;
}

std::uint32_t& field(Instruction& out, std::size_t index) {
  switch (index) {
    case 0: return out.d;
    case 1: return out.a;
    case 2: return out.b;
    case 3: return out.c;
    default: return out.e;
  }
}

}  // namespace

FunctionLowering::FunctionLowering(const ModuleImage& image, const KernelLayout& layout, KernelProgram& kernel,
                                   const ptx::Function& function)
    : image_(image),
      kernel_(kernel),
      function_(function),
      program_(kernel.programs.at(&function)),
      frame_(image, layout, function),
      invariants_(function),
      register_slots_(function.registers.size(), 0) {
  program_.register_bytes = slot_bytes(SlotKind::b32);  // slot 0: the carry flag
  program_.local_bytes = static_cast<std::uint32_t>(frame_.local_bytes());
  program_.call_bytes = static_cast<std::uint32_t>(frame_.call_bytes());
  if (const auto bytes = std::max(frame_.local_bytes(), frame_.call_bytes()); bytes > most_frame_bytes)
    why_not_ = fmt::format("function '{}' has {} bytes of local variables or parameters, more than {}",
                           function.prototype.name, bytes, most_frame_bytes);
  if (!function.is_entry) {
    program_.parameters = frame_.parameters();
    program_.results = frame_.results();
  }
}

void FunctionLowering::run() {
  for (const auto& in : function_.instructions) {
    starts_.push_back(static_cast<std::uint32_t>(program_.code.size()));
    program_.locations.push_back(in.location);
    lower(in);
  }
  starts_.push_back(static_cast<std::uint32_t>(program_.code.size()));
  program_.locations.push_back({});
  emit(control::return_lanes);
  for (const auto& [instruction, label] : fixups_) {
    const auto target = starts_[function_.labels[label].instruction];
    program_.code[instruction].immediate = static_cast<std::int64_t>(target) - static_cast<std::int64_t>(instruction);
  }
  for (auto& table : program_.tables)
    for (auto& target : table.targets) target = starts_[function_.labels[target].instruction];
}

// --- slots ---

std::uint32_t FunctionLowering::allocate(SlotKind kind) {
  const auto slot = program_.register_bytes;
  program_.register_bytes += slot_bytes(kind);
  return slot;
}

std::uint32_t FunctionLowering::register_slot(std::uint32_t index) {
  auto& slot = register_slots_[index];
  if (slot == 0) {
    const auto kind = kind_of(function_.registers[index].type);
    slot = allocate(kind);
    if (kind != SlotKind::pred) program_.register_words += slot_bytes(kind) / slot_bytes(SlotKind::b32);
  }
  return slot;
}

std::uint32_t FunctionLowering::constant(SlotKind kind, std::uint64_t low, std::uint64_t high) {
  const auto [entry, is_new] = constants_.try_emplace({kind, low, high}, 0);
  if (is_new) {
    entry->second = allocate(kind);
    program_.constants.push_back({entry->second, kind, low, high});
  }
  return entry->second;
}

std::uint32_t FunctionLowering::special(const ptx::Operand& operand, SlotKind kind) {
  if (kind != SlotKind::b64) kind = SlotKind::b32;
  if (is_clock(operand.special)) {
    const auto slot = allocate(kind);
    auto& read = emit(control::read_clock);
    read.d = slot;
    read.code = static_cast<std::uint32_t>(operand.special);
    read.immediate = static_cast<std::int64_t>(kind);
    return slot;
  }
  const auto [entry, is_new] = specials_.try_emplace({operand.special, operand.component, kind}, 0);
  if (is_new) {
    entry->second = allocate(kind);
    auto& specials = differs_between_blocks(operand.special) ? program_.block_specials : program_.specials;
    specials.push_back({entry->second, kind, operand.special, operand.component});
  }
  return entry->second;
}

std::uint32_t FunctionLowering::symbol_slot(const ptx::Operand& operand, SlotKind kind) {
  const auto symbol = frame_.find(operand.name);
  const auto value = symbol.value + static_cast<std::uint64_t>(operand.offset);
  const auto emit_address = [&](Handler handler) {
    const auto slot = allocate(SlotKind::b64);
    auto& out = emit(handler);
    out.d = slot;
    out.immediate = static_cast<std::int64_t>(value);
    return slot;
  };
  switch (symbol.kind) {
    case Symbol::Kind::memory:
    case Symbol::Kind::shared:
    case Symbol::Kind::function: return constant(kind, kind == SlotKind::b32 ? value & 0xffffffff : value);
    default: break;
  }
  if (kind != SlotKind::b64) mismatch(fmt::format("a 32-bit address of '{}' is not supported", operand.name));
  switch (symbol.kind) {
    case Symbol::Kind::local: return emit_address(control::local_address);
    case Symbol::Kind::kernel_parameter: return emit_address(control::parameter_address);
    default:
      mismatch(fmt::format("the address of '{}' can not be taken", operand.name));
      return constant(SlotKind::b64, 0);
  }
}

std::uint32_t FunctionLowering::register_as(const ptx::Operand& operand, ptx::Type type) {
  const auto declared = function_.registers[operand.index].type;
  const auto is_wide_enough = slot_bytes(kind_of(declared)) >= slot_bytes(kind_of(type));
  if (!is_wide_enough || (declared == ptx::Type::pred) != (type == ptx::Type::pred))
    mismatch(fmt::format("'{}' is a register of .{}, not of .{}", function_.registers[operand.index].name,
                         ptx::to_string(declared), ptx::to_string(type)));
  if (operand.negated && type != ptx::Type::pred) mismatch("'!' is for predicates");
  return register_slot(operand.index);
}

std::uint32_t FunctionLowering::source(const ptx::Operand& operand, ptx::Type type) {
  const auto kind = kind_of(type);
  switch (operand.kind) {
    case Kind::reg: return register_as(operand, type);
    case Kind::integer:
    case Kind::float32:
    case Kind::float64: return constant(kind, immediate_bits(operand, type));
    case Kind::special: return special(operand, kind);
    case Kind::symbol: return symbol_slot(operand, kind);
    default: mismatch("one of its operands is no value"); return constant(kind, 0);
  }
}

std::uint32_t FunctionLowering::destination(const ptx::Operand& operand, ptx::Type type) {
  if (operand.kind == Kind::reg) return register_as(operand, type);
  if (operand.kind != Kind::sink) mismatch("its result is neither a register nor '_'");
  return allocate(kind_of(type));
}

std::uint32_t FunctionLowering::address(const ptx::Operand& operand, std::int64_t& offset) {
  offset = operand.offset;
  if (operand.base == ptx::Operand::Base::reg) return register_slot(operand.index);
  if (operand.base == ptx::Operand::Base::none) {
    offset = 0;
    return constant(SlotKind::b64, static_cast<std::uint64_t>(operand.offset));
  }
  const auto symbol = frame_.find(operand.name);
  if (symbol.kind == Symbol::Kind::kernel_parameter || symbol.kind == Symbol::Kind::call_parameter) {
    offset += static_cast<std::int64_t>(symbol.value);
    return constant(SlotKind::b64, 0);
  }
  if (symbol.kind == Symbol::Kind::local && function_.is_entry) return constant(SlotKind::b64, symbol.value);
  auto base = operand;
  base.offset = 0;
  return symbol_slot(base);
}

OperandSlot FunctionLowering::slot_of(const ptx::Operand& operand) const {
  const auto of_register = [&](std::uint32_t index) {
    const auto type = function_.registers[index].type;
    return OperandSlot{kind_of(type), type, false, false};
  };
  if (operand.kind == Kind::reg) return of_register(operand.index);
  if (operand.kind != Kind::address) return {};
  if (operand.base == ptx::Operand::Base::reg) {
    auto slot = of_register(operand.index);
    slot.has_base_register = true;
    slot.is_kernel_parameter = function_.is_entry;
    return slot;
  }
  OperandSlot slot{SlotKind::b64, ptx::Type::b64, false, false};
  if (operand.base == ptx::Operand::Base::symbol)
    slot.is_kernel_parameter = frame_.find(operand.name).kind == Symbol::Kind::kernel_parameter;
  return slot;
}

// --- code ---

Instruction& FunctionLowering::emit(Handler whole, Handler masked) {
  auto& out = program_.code.emplace_back();
  out.whole = whole;
  out.masked = masked;
  out.location = static_cast<std::uint32_t>(program_.locations.size() - 1);
  return out;
}

void FunctionLowering::emit_guard(const ptx::Guard& guard) {
  auto& out = emit(control::guard);
  out.a = register_slot(guard.reg);
  out.code = guard.negated ? 1 : 0;
}

std::size_t FunctionLowering::emit_skip(const ptx::Guard& guard) {
  auto& out = emit(control::branch_if);
  out.a = register_slot(guard.reg);
  out.code = guard.negated ? 0 : 1;
  return program_.code.size() - 1;
}

void FunctionLowering::land(std::size_t skip) {
  program_.code[skip].immediate = static_cast<std::int64_t>(program_.code.size() - skip);
}

void FunctionLowering::mismatch(const std::string& why) {
  if (why_not_.empty())
    why_not_ = fmt::format("PTX line {} ({}): {}", current_->location.ptx_line, ptx::to_text(*current_), why);
}

void FunctionLowering::refuse(const ptx::Instruction& in, const std::string& why) {
  current_ = &in;
  mismatch(why);
  emit(control::trap);
}

void FunctionLowering::lower(const ptx::Instruction& in) {
  current_ = &in;
  if (!lower_control(in)) lower_decoded(in);
}

Decoding FunctionLowering::decode(const ptx::Instruction& in) const {
  std::vector<OperandSlot> slots;
  for (const auto* operand : flattened(in)) slots.push_back(slot_of(*operand));
  using Decoder = Decoding (*)(const ptx::Instruction&, std::span<const OperandSlot>);
  for (const Decoder decoder :
       {Decoder{decode_memory}, Decoder{decode_integer}, Decoder{decode_floating}, Decoder{decode_collective}})
    if (auto decoding = decoder(in, slots); decoding.answer != Decoding::Answer::not_mine) return decoding;
  return refused("this instruction is not supported");
}

void FunctionLowering::lower_decoded(const ptx::Instruction& in) {
  const bool has_symbol = std::ranges::any_of(in.operands, [](const auto& each) { return each.kind == Kind::symbol; });
  const auto decoding = has_symbol ? decode(with_numbers(in)) : decode(in);
  if (decoding.answer != Decoding::Answer::decoded) return refuse(in, decoding.why);
  if (const auto why = why_misshapen(in, decoding); !why.empty()) return refuse(in, why);
  if (lower_alias(in, decoding)) return;
  const auto first = program_.code.size();
  const bool may_wait = decoding.whole == control::collective;
  const auto skip = in.guard && may_wait ? emit_skip(*in.guard) : 0;
  // The operands first: filling one in may emit instructions of its own.
  Instruction filled;
  filled.whole = decoding.whole;
  filled.masked = decoding.masked;
  filled.code = decoding.code;
  filled.immediate = decoding.immediate;
  if (has_address(in))
    fill_memory(filled, in, decoding);
  else
    fill_plain(filled, in, decoding);
  if (in.guard && !may_wait) emit_guard(*in.guard);
  auto& out = emit(decoding.whole, decoding.masked);
  filled.location = out.location;
  out = filled;
  if (in.guard && may_wait) land(skip);
  if (program_.code.size() == first + 1) put_first(in);
}

bool FunctionLowering::lower_alias(const ptx::Instruction& in, const Decoding& decoding) {
  if (in.opcode != "mov" || in.guard || in.operands.size() != 2) return false;
  const auto& to = in.operands[0];
  const auto& from = in.operands[1];
  if (to.kind != Kind::reg || from.kind != Kind::special || is_clock(from.special)) return false;
  const auto kind = kind_of(function_.registers[to.index].type);
  const auto bits = ptx::bits_of(function_.registers[to.index].type);  // of 16 a move clears those above
  const bool is_same = kind == kind_of(decoding.operands[1]) && (bits == 32 || bits == 64);
  if (!is_same || !invariants_.is_written_once(to.index) || register_slots_[to.index] != 0) return false;
  register_slots_[to.index] = special(from, kind);
  program_.register_words += slot_bytes(kind) / slot_bytes(SlotKind::b32);
  if (function_.is_entry && !differs_between_blocks(from.special)) invariants_.add(in);
  return true;
}

void FunctionLowering::put_first(const ptx::Instruction& in) {
  if (!invariants_.may_go_first(in)) return;
  const auto& out = program_.code.back();
  if (in.opcode == "ld") {  // it must not fault, nor be of anything but a parameter
    const auto end = static_cast<std::uint64_t>(out.immediate) + std::uint64_t{element_bytes(&out)} * vector_of(&out);
    if (where_of(&out) != Where::kernel_param || out.immediate < 0 || end > kernel_.parameter_bytes) return;
  }
  program_.prologue.push_back(out);
  program_.code.pop_back();
  invariants_.add(in);
}

void FunctionLowering::fill_plain(Instruction& out, const ptx::Instruction& in, const Decoding& decoding) {
  const auto operands = flattened(in);
  const bool is_warp_barrier = in.opcode == "bar";  // other barriers do not come here; its operand is the member mask
  const auto results = in.operands.empty() || is_warp_barrier ? 0
                       : in.operands[0].kind == Kind::vector  ? in.operands[0].elements.size()
                                                              : 1;
  for (std::size_t i = 0; i < operands.size() && i < 6; ++i) {
    const auto type = decoding.operands[i];
    if (type == ptx::Type::none) continue;
    if (i == 5 && decoding.operands[4] != ptx::Type::none) break;  // e is taken
    field(out, i) = i < results ? destination(*operands[i], type) : source(*operands[i], type);
  }
  if (decoding.second != ptx::Type::none && !in.operands.empty() && !in.operands[0].second.empty())
    out.f = destination(in.operands[0].second[0], decoding.second);
}

void FunctionLowering::fill_memory(Instruction& out, const ptx::Instruction& in, const Decoding& decoding) {
  const auto operands = flattened(in);
  bool before_address = true;
  std::size_t sources = 2;  // b, c
  std::vector<std::uint32_t> elements;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const auto& operand = *operands[i];
    if (operand.kind == Kind::address) {
      out.a = address(operand, out.immediate);
      before_address = false;
      continue;
    }
    const auto type = i < decoding.operands.size() ? decoding.operands[i] : ptx::Type::none;
    if (type == ptx::Type::none) continue;
    const auto slot = before_address ? destination(operand, type) : source(operand, type);
    if (decoding.vector)
      elements.push_back(slot);
    else if (before_address)
      out.d = slot;
    else
      field(out, sources++) = slot;
  }
  if (decoding.vector) out.data = program_.vectors.emplace_back(std::move(elements)).data();
}

}  // namespace cujitsu::softgpu
