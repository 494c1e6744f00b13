// SPDX-License-Identifier: MIT
// st. Built for each instruction set. Where lanes have the same address, the lowest lane's value stays, as on a GPU.
#include "softgpu/engine/ops/memory_lanes.hpp"

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {
namespace {

/// A lane's element of `Bytes` from its register, low bits first.
template <unsigned Bytes>
struct Source {
  const std::byte* lanes = nullptr;
  std::uint32_t stride = 0;

  Source() noexcept = default;
  [[gnu::always_inline]] Source(Warp& warp, const Instruction* in, std::uint32_t from) noexcept
      : lanes(warp.registers + from), stride(Bytes >= 8 || (in->code & access_code::wide_register) != 0 ? 8 : 4) {}

  [[gnu::always_inline]] void store(std::byte* to, unsigned lane) const noexcept {
    if constexpr (Bytes == 16) {
      __builtin_memcpy(to, lanes + lane * 8, 8);
      __builtin_memcpy(to + 8, lanes + warp_size * 8 + lane * 8, 8);
    } else {
      __builtin_memcpy(to, lanes + lane * stride, Bytes);
    }
  }
};

template <unsigned Bytes, unsigned Vector>
[[gnu::always_inline]] inline std::uint32_t source_slot(const Instruction* in, unsigned element) noexcept {
  if constexpr (Vector == 1) {
    (void)element;
    return in->b;
  } else {
    return static_cast<const std::uint32_t*>(in->data)[element];
  }
}

template <unsigned Bytes, unsigned Vector>
[[gnu::always_inline]] inline void store_contiguous(Warp& warp, const Instruction* in, std::byte* first) noexcept {
  for (unsigned i = 0; i < Vector; ++i) {
    const std::uint32_t from = source_slot<Bytes, Vector>(in, i);
    std::byte* to = first + i * Bytes;
    if constexpr (Bytes < 16) {
      using T = typename Element<Bytes>::Type;
      const auto store_from = [&](const auto* lanes) {
        for_lanes([&](unsigned lane) {
          const T value = static_cast<T>(lanes[lane]);
          __builtin_memcpy(to + lane * Bytes * Vector, &value, Bytes);
        });
      };
      if (Bytes == 8 || (in->code & access_code::wide_register) != 0) {
        store_from(slot<const std::uint64_t>(warp, from));
      } else {
        store_from(slot<const std::uint32_t>(warp, from));
      }
    } else {
      const Source<Bytes> source(warp, in, from);
      for_lanes([&](unsigned lane) { source.store(to + lane * Bytes * Vector, lane); });
    }
  }
}

/// The active lanes' elements as if contiguous, lane 0's at `first`.
template <unsigned Bytes, unsigned Vector>
[[gnu::always_inline]] inline void store_partial(Warp& warp, const Instruction* in, std::byte* first) noexcept {
  const std::uint32_t active = warp.active;
#if defined(__AVX512F__)
  // Stores under a mask. AVX2 has some too, but they are no faster than lane by lane.
  if constexpr (Vector == 1 && (Bytes == 4 || Bytes == 8)) {
    if (Bytes == 8 || (in->code & access_code::wide_register) == 0) {
      using T = typename Element<Bytes>::Type;
      using Aliasing [[gnu::may_alias]] = T;
      auto* to = reinterpret_cast<Aliasing*>(first);
      const T* from = slot<const T>(warp, in->b);
      for_lanes([=](unsigned lane) {
        if ((active >> lane & 1) != 0) to[lane] = from[lane];
      });
      return;
    }
  }
#endif
  for (std::uint32_t left = active; left != 0; left &= left - 1) {
    const auto lane = static_cast<unsigned>(__builtin_ctz(left));
    for (unsigned i = 0; i < Vector; ++i) {
      Source<Bytes>(warp, in, source_slot<Bytes, Vector>(in, i)).store(first + (lane * Vector + i) * Bytes, lane);
    }
  }
}

/// The elements of some lanes to where `to(lane)` points, those of the lowest lane last.
template <unsigned Bytes, unsigned Vector, class To>
[[gnu::always_inline]] inline void store_each(Warp& warp, const Instruction* in, std::uint32_t lanes, To to) noexcept {
  Source<Bytes> sources[Vector];  // read first: the compiler must think that a store may change everything
  for (unsigned i = 0; i < Vector; ++i) sources[i] = Source<Bytes>(warp, in, source_slot<Bytes, Vector>(in, i));
  const auto move = [&](unsigned lane) {
    for (unsigned i = 0; i < Vector; ++i) sources[i].store(to(lane) + i * Bytes, lane);
  };
  if (lanes == 0xffffffff) {
#pragma GCC unroll 8
    for (unsigned i = 0; i < warp_size; ++i) move(warp_size - 1 - i);
    return;
  }
  while (lanes != 0) {
    const unsigned lane = 31 - static_cast<unsigned>(__builtin_clz(lanes));
    lanes ^= 1u << lane;
    move(lane);
  }
}

template <Addressing A, unsigned Bytes, unsigned Vector>
const Instruction* store_lanes(Warp& warp, const Instruction* in) {
  constexpr unsigned total = Bytes * Vector;
  Addresses addresses;
  const Shape shape = addresses_of<A, total>(warp, in, Purpose::write, addresses);
  if (shape == Shape::fault) return nullptr;
  if (shape == Shape::contiguous) {
    store_contiguous<Bytes, Vector>(warp, in, addresses.first);
    return in + 1;
  }
  if (shape == Shape::partial) {
    store_partial<Bytes, Vector>(warp, in, addresses.first);
    return in + 1;
  }
  if (shape == Shape::column) {
    std::byte* first = addresses.first;
    const std::uint64_t step = addresses.step;
    store_each<Bytes, Vector>(warp, in, warp.active, [=](unsigned lane) { return first + lane * step; });
  } else if (shape == Shape::uniform) {  // only the lowest lane's value would stay
    std::byte* first = addresses.first;
    store_each<Bytes, Vector>(warp, in, warp.active & (0u - warp.active), [=](unsigned) { return first; });
  } else {
    store_each<Bytes, Vector>(warp, in, warp.active, [&](unsigned lane) { return pointer(addresses.real[lane]); });
  }
  return in + 1;
}

#define CUJITSU_STORE(addressing, bytes, vector)                                                             \
  HandlerEntry {                                                                                             \
    memory_key(Addressing::addressing, bytes, vector), {                                                     \
      store_lanes<Addressing::addressing, bytes, vector>, store_lanes<Addressing::addressing, bytes, vector> \
    }                                                                                                        \
  }

constexpr HandlerEntry entries[] = {
    CUJITSU_SOFTGPU_MEMORY_SHAPES(CUJITSU_STORE, real),
    CUJITSU_SOFTGPU_MEMORY_SHAPES(CUJITSU_STORE, shared),
    CUJITSU_SOFTGPU_MEMORY_SHAPES(CUJITSU_STORE, strided),
};

}  // namespace

constinit const HandlerTable store_table{entries, sizeof entries / sizeof entries[0]};

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
