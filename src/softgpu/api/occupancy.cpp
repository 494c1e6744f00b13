// SPDX-License-Identifier: MIT
#include "softgpu/api/occupancy.hpp"

#include <algorithm>

namespace cujitsu::softgpu::api {
namespace {

constexpr unsigned register_unit = 256;  // registers are given to warps in such portions
constexpr unsigned warp_unit = 4;        // and warps are spread over four schedulers
constexpr unsigned shared_unit = 128;

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) { return (value + unit - 1) / unit * unit; }

/// Warps whose registers a multiprocessor has room for.
unsigned warps_by_registers(unsigned registers) {
  if (registers == 0) return limits::threads_per_multiprocessor / limits::warp;
  const auto per_warp = static_cast<unsigned>(round_up(registers * limits::warp, register_unit));
  return limits::registers / per_warp / warp_unit * warp_unit;
}

unsigned launch_bound(const KernelFacts& facts) {
  const auto product = [](const std::array<std::uint32_t, 3>& sizes) {
    return sizes[0] == 0 ? 0u : sizes[0] * std::max(1u, sizes[1]) * std::max(1u, sizes[2]);
  };
  const unsigned required = product(facts.required_threads);
  return required != 0 ? required : product(facts.max_threads);
}

}  // namespace

unsigned registers_of(const KernelFacts& facts) {
  unsigned registers = facts.registers;
  const unsigned bound = std::min(launch_bound(facts), limits::threads_per_block);
  // A compiler spills until the promised block fits.
  while (bound != 0 && registers > 16 && warps_by_registers(registers) * limits::warp < bound) --registers;
  return registers;
}

unsigned max_threads_of(const KernelFacts& facts) {
  unsigned threads = std::min(limits::threads_per_block, warps_by_registers(registers_of(facts)) * limits::warp);
  if (const unsigned bound = launch_bound(facts); bound != 0) threads = std::min(threads, bound);
  return threads;
}

unsigned max_dynamic_shared_of(const Function& function) {
  if (function.max_dynamic_shared) return *function.max_dynamic_shared;
  const auto fixed = function.facts->static_shared_bytes;
  return fixed < limits::shared_per_block ? limits::shared_per_block - fixed : 0;
}

unsigned blocks_per_multiprocessor(const KernelFacts& facts, std::uint64_t threads, std::uint64_t dynamic_shared) {
  if (threads == 0 || threads > max_threads_of(facts)) return 0;
  const auto shared = facts.static_shared_bytes + dynamic_shared;
  if (shared > limits::shared_per_block_optin) return 0;
  const auto warps = round_up(threads, limits::warp) / limits::warp;
  const auto by_threads = limits::threads_per_multiprocessor / limits::warp / warps;
  const auto by_registers = warps_by_registers(registers_of(facts)) / warps;
  const auto by_shared = limits::shared_per_multiprocessor / round_up(shared + limits::shared_reserved, shared_unit);
  return static_cast<unsigned>(
      std::min({std::uint64_t{limits::blocks_per_multiprocessor}, by_threads, by_registers, by_shared}));
}

}  // namespace cujitsu::softgpu::api
