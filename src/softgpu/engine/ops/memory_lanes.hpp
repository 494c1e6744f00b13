// SPDX-License-Identifier: MIT
// The addresses of a warp's access, found and checked for all lanes at once. Built for each instruction set.
#pragma once

#include "softgpu/engine/ops/lanes.hpp"
#include "softgpu/engine/ops/memory_access.hpp"
#include "softgpu/engine/ops/memory_keys.hpp"

#include <cstddef>
#include <cstdint>

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {

enum class Shape : std::uint8_t {
  fault,
  contiguous,  ///< each lane's access begins where that of the lane before it ends. Loads: those of inactive lanes may be
               ///< done too. Stores: all lanes are active
  partial,     ///< stores: as contiguous, of the active lanes
  uniform,     ///< all active lanes have one address
  column,  ///< each lane's is `step` bytes behind that of the lane before, whose own memory it does not reach. Those of
           ///< inactive lanes may be read
  scattered,
};

struct Addresses {
  alignas(64) std::uint64_t real[warp_size];  ///< scattered. Those of inactive lanes are any that may be read
  std::byte* first = nullptr;                 ///< contiguous, partial and column: of lane 0, uniform: of all
  std::uint64_t step = 0;                     ///< column
};

template <unsigned Bytes>
struct Element;
template <>
struct Element<1> {
  using Type = std::uint8_t;
};
template <>
struct Element<2> {
  using Type = std::uint16_t;
};
template <>
struct Element<4> {
  using Type = std::uint32_t;
};
template <>
struct Element<8> {
  using Type = std::uint64_t;
};

[[gnu::always_inline]] inline bool is_active(std::uint32_t active, unsigned lane) noexcept {
  return (active >> lane & 1) != 0;
}

[[gnu::always_inline]] inline std::byte* pointer(std::uint64_t address) noexcept {
  return reinterpret_cast<std::byte*>(address);
}

[[gnu::always_inline]] inline CachedRange range_around(Warp& warp, const Instruction* in,
                                                       std::uint64_t address) noexcept {
  const Where where = where_of(in);
  if (where != Where::entry) {
    for (const CachedRange& cached : warp.cached) {
      if (address - cached.begin < cached.end - cached.begin) return cached;
    }
  }
  return find_range(warp, where, address);
}

template <unsigned Total>
[[gnu::always_inline]] inline Shape slow_addresses(Warp& warp, const Instruction* in, Purpose purpose,
                                                   Addresses& out) noexcept {
  if (!resolve_lanes(warp, in, Total, purpose, out.real)) return Shape::fault;
  const std::uint64_t any = out.real[__builtin_ctz(warp.active)];
  for (unsigned lane = 0; lane < warp_size; ++lane) {
    if (!is_active(warp.active, lane)) out.real[lane] = any;
  }
  return Shape::scattered;
}

/// How 32 active lanes' addresses lie to each other: contiguous, uniform or scattered.
template <unsigned Total, class Address>
[[gnu::always_inline]] inline Shape shape_of(const Address* a) noexcept {
  Address apart = 0;
  Address differences = 0;
  const Address first = a[0];
  for (unsigned lane = 0; lane < warp_size; ++lane) {
    apart |= static_cast<Address>(a[lane] - first - lane * Total);
    differences |= static_cast<Address>(a[lane] ^ first);
  }
  return apart == 0 ? Shape::contiguous : differences == 0 ? Shape::uniform : Shape::scattered;
}

/// The same of some active lanes, which are partial where 32 would be contiguous.
template <unsigned Total, class Address>
[[gnu::always_inline]] inline Shape partial_shape_of(const Address* a, std::uint32_t active) noexcept {
  const auto lowest = static_cast<unsigned>(__builtin_ctz(active));
  const Address first = a[lowest];
  const auto first_of_all = static_cast<Address>(first - lowest * Total);
  Address apart = 0;
  Address differences = 0;
  for (unsigned lane = 0; lane < warp_size; ++lane) {
    const auto counts = static_cast<Address>(Address{0} - static_cast<Address>(active >> lane & 1));
    apart |= static_cast<Address>(a[lane] - first_of_all - lane * Total) & counts;
    differences |= static_cast<Address>(a[lane] ^ first) & counts;
  }
  return differences == 0 ? Shape::uniform : apart == 0 ? Shape::partial : Shape::scattered;
}

/// A simple shape of some active lanes, the lowest of which is at `base` in a range with so many bytes before and from
/// there, if the range is large enough for it; else scattered.
template <unsigned Total>
[[gnu::always_inline]] inline Shape settle_partial(Shape shape, std::uint32_t active, Purpose purpose,
                                                   std::uint64_t before, std::uint64_t after, std::byte* base,
                                                   Addresses& out) noexcept {
  if (shape == Shape::uniform) {
    out.first = base;
    return after >= Total ? shape : Shape::scattered;
  }
  const auto lowest = static_cast<unsigned>(__builtin_ctz(active));
  out.first = base - lowest * Total;
  if (purpose == Purpose::read) {
    const bool has_all = before >= lowest * Total && after >= (warp_size - lowest) * Total;
    return has_all ? Shape::contiguous : Shape::scattered;
  }
  const unsigned behind = warp_size - static_cast<unsigned>(__builtin_clz(active)) - lowest;
  return after >= behind * Total ? Shape::partial : Shape::scattered;
}

template <unsigned Total>
[[gnu::always_inline]] inline Shape real_addresses(Warp& warp, const Instruction* in, Purpose purpose,
                                                   Addresses& out) noexcept {
  const std::uint64_t* a = slot<const std::uint64_t>(warp, in->a);
  const auto offset = static_cast<std::uint64_t>(in->immediate);
  const std::uint32_t active = warp.active;
  const std::uint64_t base = a[__builtin_ctz(active)] + offset;
  const CachedRange range = range_around(warp, in, base);
  const bool is_allowed = range.end != 0 && (purpose == Purpose::read || range.writable);
  if (active == 0xffffffff) {
    const Shape shape = shape_of<Total>(a);
    const std::uint64_t bytes = shape == Shape::contiguous ? warp_size * Total : Total;
    if (shape != Shape::scattered && is_allowed && base % Total == 0 && range.end - base >= bytes) {
      out.first = pointer(base);
      return shape;
    }
    for_lanes([&](unsigned lane) { out.real[lane] = a[lane] + offset; });
  } else {
    Shape shape = partial_shape_of<Total>(a, active);
    if (shape != Shape::scattered && is_allowed && base % Total == 0) {
      shape = settle_partial<Total>(shape, active, purpose, base - range.begin, range.end - base, pointer(base), out);
      if (shape != Shape::scattered) return shape;
    }
    for_lanes([&](unsigned lane) { out.real[lane] = is_active(active, lane) ? a[lane] + offset : base; });
  }
  // An offset or its distance to the last possible one that is negative lies outside; both are far below 2^63 else.
  const std::uint64_t limit = range.end - range.begin - Total;
  std::uint64_t outside = limit;
  std::uint64_t bits = 0;
  for (unsigned lane = 0; lane < warp_size; ++lane) {
    const std::uint64_t distance = out.real[lane] - range.begin;
    outside |= distance | (limit - distance);
    bits |= out.real[lane];
  }
  if (!is_allowed || (outside >> 63) != 0 || bits % Total != 0) return slow_addresses<Total>(warp, in, purpose, out);
  return Shape::scattered;
}

/// Offsets of shared or local memory as 32 bits; false when one does not fit.
template <class Address>
[[gnu::always_inline]] inline bool window_offsets(Warp& warp, const Instruction* in, std::uint32_t* offsets) noexcept {
  const Address* a = slot<const Address>(warp, in->a);
  const auto offset = static_cast<Address>(in->immediate);
  const std::uint32_t active = warp.active;
  const auto base = static_cast<Address>(a[__builtin_ctz(active)] + offset);
  std::uint64_t high = 0;
  if (active == 0xffffffff) {
    for (unsigned lane = 0; lane < warp_size; ++lane) {
      const auto address = static_cast<Address>(a[lane] + offset);
      if constexpr (sizeof(Address) == 8) high |= address >> 32;
      offsets[lane] = static_cast<std::uint32_t>(address);
    }
    return high == 0;
  }
  for (unsigned lane = 0; lane < warp_size; ++lane) {
    const auto address = static_cast<Address>(is_active(active, lane) ? a[lane] + offset : base);
    if constexpr (sizeof(Address) == 8) high |= address >> 32;
    offsets[lane] = static_cast<std::uint32_t>(address);
  }
  return high == 0;
}

/// Whether accesses at all offsets lie in a window and are aligned.
template <unsigned Total>
[[gnu::always_inline]] inline bool check_window(Warp& warp, const Instruction* in, std::uint64_t window_bytes,
                                                std::uint32_t* offsets) noexcept {
  const bool fit = (in->code & access_code::wide_address) != 0 ? window_offsets<std::uint64_t>(warp, in, offsets)
                                                               : window_offsets<std::uint32_t>(warp, in, offsets);
  const std::uint32_t size = window_bytes < 0x7fffffff ? static_cast<std::uint32_t>(window_bytes) : 0x7fffffff;
  const std::uint32_t limit = size - Total;
  std::uint32_t outside = limit;
  std::uint32_t bits = 0;
  for (unsigned lane = 0; lane < warp_size; ++lane) {
    outside |= offsets[lane] | (limit - offsets[lane]);
    bits |= offsets[lane];
  }
  return fit && (outside >> 31) == 0 && bits % Total == 0;
}

template <unsigned Total, class Address>
[[gnu::always_inline]] inline Shape simple_shared(Warp& warp, const Instruction* in, Addresses& out) noexcept {
  const Address* a = slot<const Address>(warp, in->a);
  const Shape shape = shape_of<Total>(a);
  const auto base = static_cast<Address>(a[0] + static_cast<Address>(in->immediate));
  const std::uint32_t bytes = shape == Shape::contiguous ? warp_size * Total : Total;
  if (base % Total != 0 || base >= warp.shared_bytes || warp.shared_bytes - base < bytes) return Shape::scattered;
  out.first = warp.shared + base;
  return shape;
}

template <unsigned Total, class Address>
[[gnu::always_inline]] inline Shape simple_partial_shared(Warp& warp, const Instruction* in, Purpose purpose,
                                                          Addresses& out) noexcept {
  const Address* a = slot<const Address>(warp, in->a);
  const std::uint32_t active = warp.active;
  const Shape shape = partial_shape_of<Total>(a, active);
  const auto base = static_cast<Address>(a[__builtin_ctz(active)] + static_cast<Address>(in->immediate));
  if (shape == Shape::scattered || base % Total != 0 || base >= warp.shared_bytes) return Shape::scattered;
  return settle_partial<Total>(shape, active, purpose, base, warp.shared_bytes - base, warp.shared + base, out);
}

template <unsigned Total>
[[gnu::always_inline]] inline Shape shared_addresses(Warp& warp, const Instruction* in, Purpose purpose,
                                                     Addresses& out) noexcept {
  const bool is_wide = (in->code & access_code::wide_address) != 0;
  Shape shape = Shape::scattered;
  if (warp.active == 0xffffffff) {
    shape = is_wide ? simple_shared<Total, std::uint64_t>(warp, in, out)
                    : simple_shared<Total, std::uint32_t>(warp, in, out);
  } else {
    shape = is_wide ? simple_partial_shared<Total, std::uint64_t>(warp, in, purpose, out)
                    : simple_partial_shared<Total, std::uint32_t>(warp, in, purpose, out);
  }
  if (shape != Shape::scattered) return shape;
  alignas(64) std::uint32_t offsets[warp_size];
  if (!check_window<Total>(warp, in, warp.shared_bytes, offsets)) {
    return slow_addresses<Total>(warp, in, purpose, out);
  }
  const auto base = reinterpret_cast<std::uint64_t>(warp.shared);
  for_lanes([&](unsigned lane) { out.real[lane] = base + offsets[lane]; });
  return Shape::scattered;
}

/// Whether all active lanes have the same address register, as for a variable of its own in each lane's stack.
template <class Address>
[[gnu::always_inline]] inline bool is_same_offset(Warp& warp, const Instruction* in) noexcept {
  const Address* a = slot<const Address>(warp, in->a);
  const std::uint32_t active = warp.active;
  const Address first = a[__builtin_ctz(active)];
  Address differences = 0;
  if (active == 0xffffffff) {
    for (unsigned lane = 0; lane < warp_size; ++lane) differences |= static_cast<Address>(a[lane] ^ first);
  } else {
    for (unsigned lane = 0; lane < warp_size; ++lane) {
      const auto counts = static_cast<Address>(Address{0} - static_cast<Address>(active >> lane & 1));
      differences |= static_cast<Address>(a[lane] ^ first) & counts;
    }
  }
  return differences == 0;
}

template <unsigned Total, class Address>
[[gnu::always_inline]] inline bool local_column(Warp& warp, const Instruction* in, Addresses& out) noexcept {
  if (!is_same_offset<Address>(warp, in)) return false;
  const Address any = slot<const Address>(warp, in->a)[__builtin_ctz(warp.active)];
  const auto offset = static_cast<Address>(any + static_cast<Address>(in->immediate));
  const std::uint64_t stride = warp.local_stride;
  if (offset >= stride || stride - offset < Total || offset % Total != 0) return false;
  out.first = warp.local + offset;
  out.step = stride;
  return true;
}

template <unsigned Total>
[[gnu::always_inline]] inline Shape strided_addresses(Warp& warp, const Instruction* in, Purpose purpose,
                                                      Addresses& out) noexcept {
  if (where_of(in) == Where::call_param) {
    out.first = warp.call_params + in->immediate;
    out.step = warp.call_stride;
    return Shape::column;
  }
  const bool is_column = (in->code & access_code::wide_address) != 0
                             ? local_column<Total, std::uint64_t>(warp, in, out)
                             : local_column<Total, std::uint32_t>(warp, in, out);
  if (is_column) return Shape::column;
  alignas(64) std::uint32_t offsets[warp_size];
  if (!check_window<Total>(warp, in, warp.local_stride, offsets)) {
    return slow_addresses<Total>(warp, in, purpose, out);
  }
  const auto base = reinterpret_cast<std::uint64_t>(warp.local);
  const std::uint64_t stride = warp.local_stride;
  for_lanes([&](unsigned lane) { out.real[lane] = base + lane * stride + offsets[lane]; });
  return Shape::scattered;
}

/// Where each active lane's access of `Total` bytes goes, all checks done.
template <Addressing A, unsigned Total>
[[gnu::always_inline]] inline Shape addresses_of(Warp& warp, const Instruction* in, Purpose purpose,
                                                 Addresses& out) noexcept {
  if constexpr (A == Addressing::real) return real_addresses<Total>(warp, in, purpose, out);
  if constexpr (A == Addressing::shared) return shared_addresses<Total>(warp, in, purpose, out);
  if constexpr (A == Addressing::strided) return strided_addresses<Total>(warp, in, purpose, out);
}

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
