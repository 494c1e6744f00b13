// SPDX-License-Identifier: MIT
// What the engine executes: one handler call for a whole warp.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cujitsu::softgpu {

inline constexpr unsigned warp_size = 32;

struct Warp;
struct Instruction;

/// Executes one instruction and returns the next (in + 1, except for branches and the like). nullptr: this warp can not
/// go on now; Warp::event says why.
using Handler = const Instruction* (*)(Warp&, const Instruction*);

/// Operands are slots: byte offsets from Warp::registers. A slot is an array of 32 lanes, 64-byte aligned:
///   b32 and pred   uint32_t[32]; a predicate is 0 or 0xffffffff
///   b8, b16        as b32, the value in the low bits and zeros above: whoever writes one clears the rest
///   b64            uint64_t[32]
///   b128           uint64_t[32] of the low halves, then uint64_t[32] of the high halves
/// Immediates and special registers are slots too, filled before the first instruction, so a handler never asks.
struct Instruction {
  Handler whole = nullptr;  ///< used while every live lane is active: may write the registers of all 32 lanes, but must
                            ///< touch memory only for the lanes of Warp::active
  Handler masked = nullptr;  ///< writes registers of the lanes of Warp::mask only
  std::uint32_t d = 0;       ///< destination
  std::uint32_t a = 0;       ///< sources, in PTX's order
  std::uint32_t b = 0;
  std::uint32_t c = 0;
  std::uint32_t e = 0;         ///< a fourth source
  std::uint32_t f = 0;         ///< a second destination ("%r|%p")
  std::int64_t immediate = 0;  ///< an address' offset, a target, whatever the family wants
  const void* data = nullptr;  ///< more of the family's own, owned by the Program
  std::uint32_t location = 0;  ///< index into Program::locations
  std::uint32_t code = 0;      ///< small numbers of the family's own (lut, vector width, comparison, …)
};

/// The slot of CC.CF, the carry flag of add.cc and the like: b32 lanes that are 0 or 1. Every frame has it, at this offset.
inline constexpr std::uint32_t carry_slot = 0;

enum class SlotKind : std::uint8_t { none, b32, b64, b128, pred };

[[nodiscard]] constexpr std::uint32_t slot_bytes(SlotKind kind) noexcept {
  switch (kind) {
    case SlotKind::none: return 0;
    case SlotKind::b32:
    case SlotKind::pred: return 128;
    case SlotKind::b64: return 256;
    case SlotKind::b128: return 512;
  }
  return 0;
}

}  // namespace cujitsu::softgpu
