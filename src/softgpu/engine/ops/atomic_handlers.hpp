// SPDX-License-Identifier: MIT
// atom and red: which operations there are.
#pragma once

#include "softgpu/engine/instruction.hpp"
#include "softgpu/ptx/types.hpp"

#include <cstdint>

namespace cujitsu::softgpu {

enum class AtomicOperation : std::uint8_t { add, min, max, inc, dec, bit_and, bit_or, bit_xor, exchange, compare };

/// nullptr: no such operation on this type. `returns`: atom, else red. They write active lanes only, so they are whole
/// and masked.
[[nodiscard]] Handler integer_atomic(AtomicOperation operation, ptx::Type type, bool returns) noexcept;
[[nodiscard]] Handler floating_atomic(AtomicOperation operation, ptx::Type type, bool returns) noexcept;

}  // namespace cujitsu::softgpu
