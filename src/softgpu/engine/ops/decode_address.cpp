// SPDX-License-Identifier: MIT
// cvta, isspacep, fences, and the hints that change nothing.
#include "softgpu/engine/ops/memory_address.hpp"
#include "softgpu/engine/ops/memory_modifiers.hpp"

#include <algorithm>
#include <vector>

namespace cujitsu::softgpu {
namespace {

using Words = std::vector<std::string_view>;

Decoding decoded(Handler handler) {
  Decoding decoding;
  decoding.answer = Decoding::Answer::decoded;
  decoding.whole = handler;
  decoding.masked = handler;
  return decoding;
}

Decoding refuse_words(const ptx::Instruction& in) {
  std::string why(in.opcode);
  for (const std::string_view word : in.modifiers) why.append(".").append(word);
  return refused(why + " is not supported");
}

Decoding decode_conversion(const ptx::Instruction& in, std::span<const OperandSlot> slots) {
  Words words = in.modifiers;
  const bool is_to = !words.empty() && words.front() == "to";
  if (is_to) words.erase(words.begin());
  if (words.size() != 2 || words[1] != "u64" || slots.size() != 2) return refuse_words(in);
  const auto is_address = [](const OperandSlot& slot) {
    return slot.kind == SlotKind::b64 || slot.kind == SlotKind::none;
  };
  if (!is_address(slots[0]) || !is_address(slots[1])) return refused("cvta of a 32-bit register is not supported");
  Handler handler = nullptr;
  if (words[0] == "global" || words[0] == "const" || words[0] == "param" || words[0] == "param::entry") {
    handler = memory_address::copy;
  } else if (words[0] == "shared" || words[0] == "shared::cta") {
    handler = is_to ? memory_address::generic_to_shared : memory_address::shared_to_generic;
  } else if (words[0] == "local") {
    handler = is_to ? memory_address::generic_to_local : memory_address::local_to_generic;
  }
  if (handler == nullptr) return refuse_words(in);
  Decoding decoding = decoded(handler);
  decoding.operands = {ptx::Type::u64, ptx::Type::u64};
  return decoding;
}

Decoding decode_question(const ptx::Instruction& in, std::span<const OperandSlot> slots) {
  if (in.modifiers.size() != 1 || slots.size() != 2) return refuse_words(in);
  const std::string_view space = in.modifiers[0];
  Handler handler = nullptr;
  if (space == "shared" || space == "shared::cta") handler = memory_address::is_shared;
  if (space == "local") handler = memory_address::is_local;
  if (space == "const") handler = memory_address::is_constant;
  if (space == "global") handler = memory_address::is_global;
  if (space == "param" || space == "param::entry") handler = memory_address::is_parameter;
  if (handler == nullptr) return refuse_words(in);
  if (slots[1].kind == SlotKind::b32) return refused("isspacep of a 32-bit register is not supported");
  Decoding decoding = decoded(handler);
  decoding.operands = {ptx::Type::pred, ptx::Type::u64};
  return decoding;
}

Decoding decode_fence(const ptx::Instruction& in, std::span<const OperandSlot> slots) {
  const Words& words = in.modifiers;
  if (!slots.empty() || words.empty()) return refuse_words(in);
  if (words[0] == "proxy") {
    const bool is_known = words.size() == 2 && (words[1] == "alias" || words[1] == "async");
    return is_known ? decoded(memory_address::fence) : refuse_words(in);
  }
  const auto is_order = [&](std::string_view word) {
    return in.opcode == "fence" && (word == "sc" || word == "acq_rel" || word == "acquire" || word == "release");
  };
  const auto is_width = [&](std::string_view word) {
    return in.opcode == "membar" ? word == "cta" || word == "gl" || word == "sys" : is_scope(word);
  };
  const bool is_known =
      (words.size() == 1 && is_width(words[0])) || (words.size() == 2 && is_order(words[0]) && is_width(words[1]));
  return is_known ? decoded(memory_address::fence) : refuse_words(in);
}

/// prefetch, prefetchu, applypriority, discard: about caches that are not there.
Decoding decode_hint(const ptx::Instruction& in) {
  const auto is_known = [](std::string_view word) {
    static constexpr std::string_view words[] = {"global", "local", "L1", "L2", "L2::evict_last", "L2::evict_normal"};
    return std::find(std::begin(words), std::end(words), word) != std::end(words);
  };
  if (!std::all_of(in.modifiers.begin(), in.modifiers.end(), is_known)) return refuse_words(in);
  return decoded(memory_address::no_effect);
}

Decoding decode_policy(const ptx::Instruction& in) {
  const auto is_known = [](std::string_view word) {
    static constexpr std::string_view words[] = {"fractional",
                                                 "range",
                                                 "cvt",
                                                 "global",
                                                 "L2",
                                                 "b64",
                                                 "L2::evict_last",
                                                 "L2::evict_first",
                                                 "L2::evict_normal",
                                                 "L2::evict_unchanged"};
    return std::find(std::begin(words), std::end(words), word) != std::end(words);
  };
  if (!std::all_of(in.modifiers.begin(), in.modifiers.end(), is_known)) return refuse_words(in);
  Decoding decoding = decoded(memory_address::cache_policy);
  decoding.operands[0] = ptx::Type::b64;
  return decoding;
}

}  // namespace

Decoding decode_address(const ptx::Instruction& in, std::span<const OperandSlot> slots) {
  if (in.opcode == "cvta") return decode_conversion(in, slots);
  if (in.opcode == "isspacep") return decode_question(in, slots);
  if (in.opcode == "membar" || in.opcode == "fence") return decode_fence(in, slots);
  if (in.opcode == "prefetch" || in.opcode == "prefetchu" || in.opcode == "applypriority" || in.opcode == "discard") {
    return decode_hint(in);
  }
  if (in.opcode == "createpolicy") return decode_policy(in);
  return {};
}

}  // namespace cujitsu::softgpu
