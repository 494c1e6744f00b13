// SPDX-License-Identifier: MIT
#include "softgpu/engine/ops/memory_modifiers.hpp"

#include <algorithm>

namespace cujitsu::softgpu {
namespace {

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Where data is kept and for how long makes no difference here.
bool is_cache_control(std::string_view word) {
  return is_one_of(word, {"ca", "cg", "cs", "cv", "lu", "wb", "wt", "L1::evict_normal", "L1::evict_unchanged",
                          "L1::evict_first", "L1::evict_last", "L1::no_allocate", "L2::evict_normal", "L2::evict_first",
                          "L2::evict_last", "L2::64B", "L2::128B", "L2::256B"});
}

bool read_space(std::string_view word, MemoryModifiers& result) {
  using ptx::Space;
  std::optional<Space> space;
  if (word == "global") space = Space::global;
  if (word == "const") space = Space::constant;
  if (word == "local") space = Space::local;
  if (word == "shared" || word == "shared::cta") space = Space::shared;
  if (word == "param" || word == "param::entry" || word == "param::func") space = Space::param;
  if (!space || result.space) return false;
  result.space = space;
  result.is_entry = word == "param::entry";
  result.is_function = word == "param::func";
  return true;
}

bool read_word(std::string_view word, std::initializer_list<std::string_view> allowed, MemoryModifiers& result) {
  if (read_space(word, result) || is_scope(word) || is_cache_control(word) || word == "weak") return true;
  if (word == "L2::cache_hint") return result.has_cache_hint = true;
  if (is_one_of(word, {"volatile", "relaxed", "acquire", "release", "acq_rel", "mmio"})) {
    return result.is_ordered = true;
  }
  if (const auto type = ptx::parse_type(word); type && *type != ptx::Type::pred) {
    if (result.type != ptx::Type::none) return false;
    result.type = *type;
    return true;
  }
  if (!is_one_of(word, allowed)) return false;
  if (word == "v2" || word == "v4" || word == "v8") {
    if (result.vector != 1) return false;
    result.vector = static_cast<std::uint32_t>(word[1] - '0');
    return true;
  }
  if (word == "noftz") return result.is_noftz = true;
  if (word == "nc") return true;
  if (!result.operation.empty()) return false;
  result.operation = word;
  return true;
}

}  // namespace

bool is_scope(std::string_view word) noexcept { return is_one_of(word, {"cta", "cluster", "gpu", "sys"}); }

std::string refusal(const ptx::Instruction& instruction, std::string_view word) {
  return std::string(instruction.opcode) + " with ." + std::string(word) + " is not supported";
}

MemoryModifiers read_memory_modifiers(const ptx::Instruction& instruction,
                                      std::initializer_list<std::string_view> allowed) {
  MemoryModifiers result;
  for (const std::string_view word : instruction.modifiers) {
    if (read_word(word, allowed, result)) continue;
    result.why_not = refusal(instruction, word);
    return result;
  }
  if (result.type == ptx::Type::none) result.why_not = std::string(instruction.opcode) + " without a type";
  return result;
}

}  // namespace cujitsu::softgpu
