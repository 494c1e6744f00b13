// SPDX-License-Identifier: MIT
// Which instruction set this process executes kernels with.
#include "softgpu/engine/isa.hpp"

#include <cstdlib>
#include <string_view>

namespace cujitsu::softgpu {
namespace {

Isa best() noexcept {
#if defined(__x86_64__) && !defined(CUJITSU_SOFTGPU_ONE_ISA)
  __builtin_cpu_init();
#if defined(__clang__) || __GNUC__ < 12
  // Compilers that do not know the levels by name; the features left out came with these in every CPU.
  const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
                  __builtin_cpu_supports("bmi2");
  const bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512vl");
#else
  const bool v3 = __builtin_cpu_supports("x86-64-v3");
  const bool v4 = __builtin_cpu_supports("x86-64-v4");
#endif
  if (v4) return Isa::v4;
  if (v3) return Isa::v3;
#endif
  return Isa::baseline;
}

Isa choose() noexcept {
  const Isa available = best();
  const char* text = std::getenv("CUJITSU_SOFTGPU_ISA");
  if (text == nullptr) return available;
  const std::string_view wanted = text;
  Isa chosen = available;
  if (wanted == "baseline") chosen = Isa::baseline;
  if (wanted == "v3") chosen = Isa::v3;
  if (wanted == "v4") chosen = Isa::v4;
  return chosen < available ? chosen : available;
}

}  // namespace

Isa isa() noexcept {
  static const Isa chosen = choose();
  return chosen;
}

}  // namespace cujitsu::softgpu
