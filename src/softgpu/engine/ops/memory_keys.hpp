// SPDX-License-Identifier: MIT
// The tables of load and store handlers and how their keys are made.
#pragma once

#include "softgpu/engine/ops/table.hpp"

#include <cstdint>

namespace cujitsu::softgpu {

/// How a handler comes to its 32 addresses.
enum class Addressing : std::uint8_t {
  real,       ///< 64-bit addresses as they are
  shared,     ///< offsets in the block's shared memory
  strided,    ///< each lane has its own piece of local memory or of the call area
  parameter,  ///< one address for all, in the kernel's parameters
};

[[gnu::always_inline]] constexpr std::uint32_t memory_key(Addressing addressing, std::uint32_t bytes,
                                                          std::uint32_t vector) noexcept {
  return static_cast<std::uint32_t>(addressing) << 16 | vector << 8 | bytes;
}

CUJITSU_SOFTGPU_HANDLER_TABLE(load_table)
CUJITSU_SOFTGPU_HANDLER_TABLE(store_table)

}  // namespace cujitsu::softgpu

/// Which element sizes come in which vectors.
#define CUJITSU_SOFTGPU_MEMORY_SHAPES(shape, addressing)                                                  \
  shape(addressing, 1, 1), shape(addressing, 1, 2), shape(addressing, 1, 4), shape(addressing, 2, 1),     \
      shape(addressing, 2, 2), shape(addressing, 2, 4), shape(addressing, 4, 1), shape(addressing, 4, 2), \
      shape(addressing, 4, 4), shape(addressing, 4, 8), shape(addressing, 8, 1), shape(addressing, 8, 2), \
      shape(addressing, 8, 4), shape(addressing, 16, 1)
