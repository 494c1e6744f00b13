// SPDX-License-Identifier: MIT
// An instruction that is watched: what it is, and the handlers that execute it once the checks have let it pass.
#pragma once

#include "softgpu/engine/instruction.hpp"

#include <cstdint>
#include <vector>

namespace cujitsu::softgpu {

struct Program;

/// A register that a load fills or a store empties.
struct ObservedElement {
  /// Not 0: nothing but loads fill this register and nothing but stores read it. Which bytes of it were written is known
  /// in this slot, a bit for each byte in every lane; so copies of structs carry their padding along unblamed.
  std::uint32_t written_slot = 0;
  bool is_used = true;          ///< false: nothing reads what the load puts there
  bool is_taken_apart = false;  ///< it is only copied, or bits are taken out of it: there may be padding among them
};

/// A load whose result this instruction drops unless a predicate has a certain value: it counts as a read only then.
struct LateRead {
  const Instruction* load = nullptr;
  std::uint32_t predicate = 0;  ///< slot
  bool reads_if = true;
};

struct Observation {
  enum class Kind : std::uint8_t { none, read, write, atomic };

  Handler whole = nullptr;
  Handler masked = nullptr;
  const Program* program = nullptr;
  std::uint32_t location = 0;  ///< index of the PTX instruction in its function
  Kind kind = Kind::none;
  bool is_ordered = false;  ///< volatile, relaxed, acquire, release or atomic: no race with others of its kind
  bool acquires = false;
  bool releases = false;
  bool uses_old = true;          ///< of an atomic: its effect depends on what was there
  bool depends_on_path = false;  ///< uses a register that different ways here fill differently
  bool is_aligned = true;        ///< of a barrier: all lanes of a warp must come to it together
  std::uint32_t element_bytes = 0;
  std::uint32_t bytes = 0;                ///< of all elements
  std::vector<ObservedElement> elements;  ///< of loads and stores
  std::vector<LateRead> late_reads;
};

}  // namespace cujitsu::softgpu
