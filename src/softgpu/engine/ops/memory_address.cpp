// SPDX-License-Identifier: MIT
#include "softgpu/engine/ops/memory_address.hpp"

#include "softgpu/engine/address_space.hpp"

#include <cstdint>

namespace cujitsu::softgpu::memory_address {
namespace {

template <class T, class Value>
const Instruction* for_active(Warp& warp, const Instruction* in, Value value) {
  const auto* a = slot<const std::uint64_t>(warp, in->a);
  auto* d = slot<T>(warp, in->d);
  for (std::uint32_t lane = 0; lane < warp_size; ++lane) {
    if ((warp.active >> lane & 1) != 0) d[lane] = value(a[lane], lane);
  }
  return in + 1;
}

template <class Value>
const Instruction* convert(Warp& warp, const Instruction* in, Value value) {
  return for_active<std::uint64_t>(warp, in, value);
}

template <class Test>
const Instruction* test(Warp& warp, const Instruction* in, Test holds) {
  return for_active<std::uint32_t>(
      warp, in, [&](std::uint64_t address, std::uint32_t) { return holds(address) ? 0xffffffffu : 0u; });
}

bool in_shared(const Warp& warp, std::uint64_t address) { return address - warp.shared_window < warp.shared_bytes; }

bool in_local(const Warp& warp, std::uint64_t address) {
  return address - reinterpret_cast<std::uint64_t>(warp.local) < warp.local_stride * warp_size;
}

bool in_parameters(const Warp& warp, std::uint64_t address) {
  return address - reinterpret_cast<std::uint64_t>(warp.params) < warp.params_bytes;
}

bool in_constants(const Warp& warp, std::uint64_t address) {
  const AddressSpace::Range range = warp.memory->range_of(address);
  return range.end != 0 && !range.writable;
}

std::uint64_t local_of(const Warp& warp, std::uint32_t lane) {
  return reinterpret_cast<std::uint64_t>(warp.local) + lane * warp.local_stride;
}

}  // namespace

const Instruction* copy(Warp& warp, const Instruction* in) {
  return convert(warp, in, [](std::uint64_t address, std::uint32_t) { return address; });
}

const Instruction* shared_to_generic(Warp& warp, const Instruction* in) {
  return convert(warp, in, [&](std::uint64_t address, std::uint32_t) { return address + warp.shared_window; });
}

const Instruction* generic_to_shared(Warp& warp, const Instruction* in) {
  return convert(warp, in, [&](std::uint64_t address, std::uint32_t) { return address - warp.shared_window; });
}

const Instruction* local_to_generic(Warp& warp, const Instruction* in) {
  return convert(warp, in, [&](std::uint64_t address, std::uint32_t lane) { return address + local_of(warp, lane); });
}

const Instruction* generic_to_local(Warp& warp, const Instruction* in) {
  return convert(warp, in, [&](std::uint64_t address, std::uint32_t lane) { return address - local_of(warp, lane); });
}

const Instruction* is_shared(Warp& warp, const Instruction* in) {
  return test(warp, in, [&](std::uint64_t address) { return in_shared(warp, address); });
}

const Instruction* is_local(Warp& warp, const Instruction* in) {
  return test(warp, in, [&](std::uint64_t address) { return in_local(warp, address); });
}

const Instruction* is_parameter(Warp& warp, const Instruction* in) {
  return test(warp, in, [&](std::uint64_t address) { return in_parameters(warp, address); });
}

const Instruction* is_constant(Warp& warp, const Instruction* in) {
  return test(warp, in, [&](std::uint64_t address) { return in_constants(warp, address); });
}

const Instruction* is_global(Warp& warp, const Instruction* in) {
  // Kernel parameters too: their window is part of the global one.
  return test(warp, in, [&](std::uint64_t address) {
    return !in_shared(warp, address) && !in_local(warp, address) && !in_constants(warp, address);
  });
}

const Instruction* fence(Warp&, const Instruction* in) {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  return in + 1;
}

const Instruction* no_effect(Warp&, const Instruction* in) { return in + 1; }

const Instruction* cache_policy(Warp& warp, const Instruction* in) {
  auto* d = slot<std::uint64_t>(warp, in->d);
  for (std::uint32_t lane = 0; lane < warp_size; ++lane) {
    if ((warp.active >> lane & 1) != 0) d[lane] = 0;
  }
  return in + 1;
}

}  // namespace cujitsu::softgpu::memory_address
