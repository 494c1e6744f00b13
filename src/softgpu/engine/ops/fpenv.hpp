// SPDX-License-Identifier: MIT
// Rounding direction and flush-to-zero of the host's arithmetic, around one handler's loop.
#pragma once

#include <cstdint>

#if !defined(__x86_64__)
#include <cfenv>
#endif

namespace cujitsu::softgpu {

/// In the order of x86's rounding control, so that a mode becomes a control word by shifting.
enum class Rounding : std::uint8_t { nearest = 0, down = 1, up = 2, zero = 3 };

/// What Instruction::code is for handlers that need another mode than the default one.
[[nodiscard]] constexpr std::uint32_t float_mode(Rounding rounding, bool flush) noexcept {
  return static_cast<std::uint32_t>(rounding) | (flush ? 4u : 0u);
}

#if defined(__x86_64__)
/// Whether the host itself flushes subnormal single-precision inputs and results. Where it does not, handlers do.
inline constexpr bool host_flushes = true;
#else
inline constexpr bool host_flushes = false;
#endif

/// While one lives, arithmetic is done in `mode`. The mode outside is the default one, which the engine guarantees: to
/// nearest, no flushing, exceptions masked.
class ModeScope {
 public:
  [[gnu::always_inline]] explicit ModeScope(std::uint32_t mode) noexcept {
#if defined(__x86_64__)
    // 0x8040: flush results, take subnormal inputs for zeros.
    __builtin_ia32_ldmxcsr(0x1f80u | (mode & 3u) << 13 | ((mode & 4u) != 0 ? 0x8040u : 0u));
#else
    constexpr int directions[] = {FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO};
    std::fesetround(directions[mode & 3u]);
#endif
    asm volatile("" ::: "memory");  // no arithmetic on what is loaded inside may begin before
  }
  [[gnu::always_inline]] ~ModeScope() {
    asm volatile("" ::: "memory");
#if defined(__x86_64__)
    __builtin_ia32_ldmxcsr(0x1f80u);
#else
    std::fesetround(FE_TONEAREST);
#endif
  }
  ModeScope(const ModeScope&) = delete;
  ModeScope& operator=(const ModeScope&) = delete;
};

}  // namespace cujitsu::softgpu
