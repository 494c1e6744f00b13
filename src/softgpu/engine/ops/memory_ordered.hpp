// SPDX-License-Identifier: MIT
// Loads and stores that other threads may be watching: .volatile, .relaxed, .acquire, .release, .mmio.
#pragma once

#include "softgpu/engine/instruction.hpp"

#include <cstdint>

namespace cujitsu::softgpu {

/// Of elements of 1, 2, 4 or 8 bytes; nullptr for others. They write active lanes only, so they are whole and masked.
[[nodiscard]] Handler ordered_load(std::uint32_t bytes) noexcept;
[[nodiscard]] Handler ordered_store(std::uint32_t bytes) noexcept;

}  // namespace cujitsu::softgpu
