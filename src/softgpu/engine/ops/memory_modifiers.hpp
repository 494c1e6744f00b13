// SPDX-License-Identifier: MIT
// The modifiers that ld, st, atom, red and their relatives have in common, read with a closed world.
#pragma once

#include "softgpu/engine/decoding.hpp"
#include "softgpu/engine/ops/memory_access.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace cujitsu::softgpu {

/// What the modifiers of one instruction say.
struct MemoryModifiers {
  std::optional<ptx::Space> space;
  bool is_entry = false;     ///< .param::entry
  bool is_function = false;  ///< .param::func
  bool is_ordered = false;   ///< .volatile, .relaxed, .acquire, .release, .acq_rel, .mmio
  bool has_cache_hint = false;
  std::uint32_t vector = 1;
  ptx::Type type = ptx::Type::none;
  std::string_view operation;  ///< of atom and red
  bool is_noftz = false;
  std::string why_not;  ///< not empty: a modifier that was not understood
};

/// `allowed`: modifiers beyond space, type, scope and cache control that this opcode takes: "nc", "v4", "add", …
[[nodiscard]] MemoryModifiers read_memory_modifiers(const ptx::Instruction& instruction,
                                                    std::initializer_list<std::string_view> allowed);

[[nodiscard]] bool is_scope(std::string_view word) noexcept;
[[nodiscard]] std::string refusal(const ptx::Instruction& instruction, std::string_view word);

/// The groups of decode_memory.
[[nodiscard]] Decoding decode_load(const ptx::Instruction& instruction, std::span<const OperandSlot> slots);
[[nodiscard]] Decoding decode_store(const ptx::Instruction& instruction, std::span<const OperandSlot> slots);
[[nodiscard]] Decoding decode_atomic(const ptx::Instruction& instruction, std::span<const OperandSlot> slots);
[[nodiscard]] Decoding decode_address(const ptx::Instruction& instruction, std::span<const OperandSlot> slots);

}  // namespace cujitsu::softgpu
