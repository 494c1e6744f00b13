// SPDX-License-Identifier: MIT
// One watched access of a warp, as the checks see it.
#pragma once

#include "softgpu/engine/checks/observation.hpp"
#include "softgpu/engine/warp.hpp"

#include <bit>
#include <cstdint>

namespace cujitsu::softgpu {

struct WarpAccess {
  Warp& warp;
  const Instruction* in = nullptr;
  const Observation& seen;
  const std::uint64_t* real = nullptr;  ///< addresses of the active lanes; they are good

  [[nodiscard]] std::uint64_t shared_offset(unsigned lane) const noexcept { return real[lane] - warp.shared_window; }
  [[nodiscard]] bool is_shared(unsigned lane) const noexcept { return shared_offset(lane) < warp.shared_bytes; }
  [[nodiscard]] std::uint64_t local_offset(unsigned lane) const noexcept {
    return real[lane] - reinterpret_cast<std::uint64_t>(warp.local);
  }
  [[nodiscard]] bool is_local(unsigned lane) const noexcept {
    return local_offset(lane) < warp.local_stride * warp_size;
  }
};

/// Calls `body(lane)` for each lane of `lanes` until one answers false; whether none did.
template <class Body>
bool for_lanes(std::uint32_t lanes, const Body& body) {
  for (; lanes != 0; lanes &= lanes - 1)
    if (!body(static_cast<unsigned>(std::countr_zero(lanes)))) return false;
  return true;
}

}  // namespace cujitsu::softgpu
