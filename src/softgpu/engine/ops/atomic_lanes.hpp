// SPDX-License-Identifier: MIT
// How an atomic goes over a warp: lane by lane, the lowest first.
#pragma once

#include "softgpu/engine/ops/memory_access.hpp"

#include <cstdint>

namespace cujitsu::softgpu {

/// The slots' lanes of a type: 16-bit values lie in b32 lanes.
template <class T>
struct LaneOf {
  using Type = std::uint32_t;
};
template <>
struct LaneOf<std::uint64_t> {
  using Type = std::uint64_t;
};

/// Replaces what is at `at` by `next(old)`; returns the old value.
template <class T, class Next>
T exchange_loop(T* at, Next next) noexcept {
  T old = __atomic_load_n(at, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(at, &old, next(old), true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {}
  return old;
}

/// Whether all active lanes have one address.
inline bool has_one_address(Warp& warp, const Instruction* in) noexcept {
  const auto all_equal = [&](const auto* a) {
    const auto first = a[__builtin_ctz(warp.active)];
    for (std::uint32_t left = warp.active & (warp.active - 1); left != 0; left &= left - 1)
      if (a[__builtin_ctz(left)] != first) return false;
    return true;
  };
  if ((in->code & access_code::wide_address) != 0) return all_equal(slot<const std::uint64_t>(warp, in->a));
  return all_equal(slot<const std::uint32_t>(warp, in->a));
}

/// The real address that all active lanes have; 0 after a fault.
inline std::uint64_t resolve_one(Warp& warp, const Instruction* in, std::uint32_t bytes) noexcept {
  std::uint64_t real[warp_size];
  const std::uint32_t active = warp.active;
  const auto first = static_cast<std::uint32_t>(__builtin_ctz(active));
  warp.active = 1u << first;
  const bool is_good = resolve_lanes(warp, in, bytes, Purpose::atomic, real);
  warp.active = active;
  return is_good ? real[first] : 0;
}

/// A block's warps take turns on one thread, so nobody else sees its shared memory.
inline bool is_in_shared(const Warp& warp, std::uint64_t real) noexcept {
  return real - warp.shared_window < warp.shared_bytes;
}

/// All lanes on one word: they follow each other without anybody in between, so one exchange does for the warp.
template <class Operation, bool Returns>
const Instruction* atomic_on_one(Warp& warp, const Instruction* in) {
  using T = typename Operation::Type;
  using Lane = typename LaneOf<T>::Type;
  const std::uint64_t real = resolve_one(warp, in, sizeof(T));
  if (real == 0) return nullptr;
  T* const at = reinterpret_cast<T*>(real);
  const bool is_shared = is_in_shared(warp, real);
  auto* d = slot<Lane>(warp, in->d);
  const auto* b = slot<const Lane>(warp, in->b);
  const auto* c = slot<const Lane>(warp, in->c);
  T olds[warp_size];  // d may be b or c, which another attempt reads again
  const typename Operation::Scope scope;
  const auto last = [&](T value) {
    for (std::uint32_t left = warp.active; left != 0; left &= left - 1) {
      const auto lane = static_cast<std::uint32_t>(__builtin_ctz(left));
      if constexpr (Returns) olds[lane] = value;
      value = Operation::next(value, static_cast<T>(b[lane]), static_cast<T>(c[lane]), is_shared);
    }
    return value;
  };
  if (is_shared) {
    *at = last(*at);
  } else {
    exchange_loop(at, last);
  }
  if constexpr (Returns) {
    for (std::uint32_t left = warp.active; left != 0; left &= left - 1) {
      const auto lane = static_cast<std::uint32_t>(__builtin_ctz(left));
      d[lane] = olds[lane];
    }
  }
  return in + 1;
}

/// Operation::Type; Operation::next(old, b, c, is_shared), what is in memory afterwards; and Operation::perform(Type* at,
/// Type b, Type c), which does that where others may be at work and returns the old value.
template <class Operation, bool Returns>
const Instruction* atomic_lanes(Warp& warp, const Instruction* in) {
  using T = typename Operation::Type;
  using Lane = typename LaneOf<T>::Type;
  if (has_one_address(warp, in)) return atomic_on_one<Operation, Returns>(warp, in);
  std::uint64_t real[warp_size];
  if (!resolve_lanes(warp, in, sizeof(T), Purpose::atomic, real)) return nullptr;
  auto* d = slot<Lane>(warp, in->d);
  const auto* b = slot<const Lane>(warp, in->b);
  const auto* c = slot<const Lane>(warp, in->c);
  const typename Operation::Scope scope;
  for (std::uint32_t left = warp.active; left != 0; left &= left - 1) {
    const auto lane = static_cast<std::uint32_t>(__builtin_ctz(left));
    T* const at = reinterpret_cast<T*>(real[lane]);
    T old;
    if (is_in_shared(warp, real[lane])) {
      old = *at;
      *at = Operation::next(old, static_cast<T>(b[lane]), static_cast<T>(c[lane]), true);
    } else {
      old = Operation::perform(at, static_cast<T>(b[lane]), static_cast<T>(c[lane]));
    }
    if constexpr (Returns) d[lane] = old;
  }
  return in + 1;
}

/// What an operation needs while it runs: nothing.
struct NoScope {
  NoScope() {}
};

}  // namespace cujitsu::softgpu
