// SPDX-License-Identifier: MIT
// %clock, %clock64, %globaltimer.
#pragma once

#include "softgpu/ptx/ast.hpp"

#include <cstdint>

namespace cujitsu::softgpu {

/// Nanoseconds for all of them: the device says that its clock runs at 1 GHz.
[[nodiscard]] std::uint64_t clock_value(ptx::Special special) noexcept;

}  // namespace cujitsu::softgpu
