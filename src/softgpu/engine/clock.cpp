// SPDX-License-Identifier: MIT
#include "softgpu/engine/clock.hpp"

#include <chrono>

namespace cujitsu::softgpu {

std::uint64_t clock_value(ptx::Special special) noexcept {
  using ptx::Special;
  const auto nanoseconds = [](auto now) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count());
  };
  switch (special) {
    case Special::clock:
    case Special::clock64: return nanoseconds(std::chrono::steady_clock::now());
    case Special::clock_hi: return nanoseconds(std::chrono::steady_clock::now()) >> 32;
    case Special::globaltimer:
    case Special::globaltimer_lo: return nanoseconds(std::chrono::system_clock::now());
    case Special::globaltimer_hi: return nanoseconds(std::chrono::system_clock::now()) >> 32;
    default: return 0;
  }
}

}  // namespace cujitsu::softgpu
