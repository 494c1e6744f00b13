// SPDX-License-Identifier: MIT
// shfl, vote, match, redux, elect, bar.warp.sync: what the lanes of a warp do together, also from different places.
#pragma once

#include "softgpu/engine/decoding.hpp"
#include "softgpu/engine/instruction.hpp"

#include <cstdint>
#include <span>

namespace cujitsu::softgpu {

enum class CollectiveKind : std::uint8_t { shfl, vote, match, redux, elect, warp_barrier };

/// What Instruction::code holds.
struct CollectiveCode {
  CollectiveKind kind{};
  std::uint8_t mode = 0;   ///< shfl: up down bfly idx; vote: all any uni ballot; match: any all; redux: its operation
  std::uint8_t bytes = 4;  ///< of the value
  std::uint8_t flags = 0;  ///< 1: the value predicate is negated; 2: signed; 4: not .sync (no member mask)

  [[nodiscard]] std::uint32_t pack() const noexcept {
    return static_cast<std::uint32_t>(kind) | std::uint32_t{mode} << 8 | std::uint32_t{bytes} << 16 |
           std::uint32_t{flags} << 24;
  }
  [[nodiscard]] static CollectiveCode unpack(std::uint32_t code) noexcept {
    return {static_cast<CollectiveKind>(code & 0xff), static_cast<std::uint8_t>(code >> 8),
            static_cast<std::uint8_t>(code >> 16), static_cast<std::uint8_t>(code >> 24)};
  }
};

/// Which field holds the member mask: shfl e, vote b, match b, redux b, elect a, warp_barrier d.
[[nodiscard]] std::uint32_t member_slot(const Instruction& instruction) noexcept;

/// Some lanes that execute a collective, from one instruction of one frame.
struct Participant {
  const Instruction* instruction = nullptr;
  std::byte* registers = nullptr;
  std::uint32_t lanes = 0;
};

/// Executes the operation for all participants, who are of one kind and have one member mask.
void execute_collective(Warp& warp, std::span<const Participant> participants, std::uint32_t members);

[[nodiscard]] Decoding decode_collective(const ptx::Instruction& instruction, std::span<const OperandSlot> slots);

}  // namespace cujitsu::softgpu
