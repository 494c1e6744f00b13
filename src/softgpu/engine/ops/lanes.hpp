// SPDX-License-Identifier: MIT
// How a handler goes over 32 lanes. For files that are built once for each instruction set (CUJITSU_SOFTGPU_ISA names the
// one at hand): everything they define is in the namespace of that name, and they use no inline function of the standard
// library, of which the linker would keep one copy for all.
#pragma once

#include "softgpu/engine/warp.hpp"

#include <cstdint>

#ifndef CUJITSU_SOFTGPU_ISA
#error "built with -DCUJITSU_SOFTGPU_ISA=isa_baseline|isa_v3|isa_v4"
#endif

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {

/// body(lane) for all 32 lanes; no lane may depend on another, so that the loop becomes vector instructions.
template <class Body>
[[gnu::always_inline]] inline void for_lanes(Body body) {
#pragma GCC ivdep
  for (unsigned lane = 0; lane < warp_size; ++lane) body(lane);
}

/// Writes `value(lane)` to a b32 or b64 destination: of all lanes, or of those of Warp::mask.
template <bool Masked, class T, class Value>
[[gnu::always_inline]] inline void write_lanes(Warp& warp, T* destination, Value value) {
  if constexpr (Masked) {
    const std::uint32_t* mask = warp.mask;
    for_lanes([&](unsigned lane) {
      const T computed = value(lane);
      destination[lane] = mask[lane] != 0 ? computed : destination[lane];
    });
  } else {
    for_lanes([&](unsigned lane) { destination[lane] = value(lane); });
  }
}

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
