// SPDX-License-Identifier: MIT
// The instruction sets that handlers are built for.
#pragma once

#include <cstdint>

namespace cujitsu::softgpu {

enum class Isa : std::uint8_t {
  baseline,
  v3,
  v4
};  // x86-64-v2 (elsewhere: whatever the compiler's default is), AVX2 + FMA, AVX-512

/// The best one that this CPU has and that was built; CUJITSU_SOFTGPU_ISA=baseline|v3|v4 asks for a lesser one. Decided
/// once for each process.
[[nodiscard]] Isa isa() noexcept;

}  // namespace cujitsu::softgpu
