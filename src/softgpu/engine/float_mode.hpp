// SPDX-License-Identifier: MIT
// The floating-point state that handlers start from.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <xmmintrin.h>
#else
#include <cfenv>
#endif

namespace cujitsu::softgpu {

/// Round to nearest, subnormals kept, no traps; the state before comes back with the destructor.
class FloatMode {
 public:
#if defined(__x86_64__)
  FloatMode() noexcept : before_(_mm_getcsr()) { _mm_setcsr(0x1f80); }
  ~FloatMode() { _mm_setcsr(before_); }
#else
  FloatMode() noexcept { std::feholdexcept(&before_), std::fesetround(FE_TONEAREST); }
  ~FloatMode() { std::fesetenv(&before_); }
#endif
  FloatMode(const FloatMode&) = delete;
  FloatMode& operator=(const FloatMode&) = delete;

 private:
#if defined(__x86_64__)
  std::uint32_t before_;
#else
  std::fenv_t before_;
#endif
};

}  // namespace cujitsu::softgpu
