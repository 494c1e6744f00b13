// SPDX-License-Identifier: MIT
// ld. Built for each instruction set.
#include "softgpu/engine/ops/memory_groups.hpp"
#include "softgpu/engine/ops/memory_lanes.hpp"

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {
namespace {

template <class T>
[[gnu::always_inline]] inline T load(const std::byte* from) noexcept {
  T value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}

/// Elements that are narrower than their register: `raw` has them with zeros above.
template <unsigned Bytes, bool Masked>
[[gnu::always_inline]] inline void write_extended(Warp& warp, const Instruction* in, std::uint32_t destination,
                                                  const std::uint32_t* raw) noexcept {
  constexpr unsigned shift = 32 - 8 * Bytes;
  const auto with_sign = [&](unsigned lane) { return static_cast<std::int32_t>(raw[lane] << shift) >> shift; };
  const Extension extension = extension_of(in);
  if ((in->code & access_code::wide_register) != 0) {
    auto* d = slot<std::uint64_t>(warp, destination);
    if (extension == Extension::zero) {
      write_lanes<Masked>(warp, d, [&](unsigned lane) { return std::uint64_t{raw[lane]}; });
    } else {
      write_lanes<Masked>(warp, d,
                          [&](unsigned lane) { return static_cast<std::uint64_t>(std::int64_t{with_sign(lane)}); });
    }
    return;
  }
  auto* d = slot<std::uint32_t>(warp, destination);
  if (extension == Extension::zero) {
    write_lanes<Masked>(warp, d, [&](unsigned lane) { return raw[lane]; });
  } else {
    const std::uint32_t kept = extension == Extension::sign_to_16 ? 0xffff : 0xffffffff;
    write_lanes<Masked>(warp, d, [&](unsigned lane) { return static_cast<std::uint32_t>(with_sign(lane)) & kept; });
  }
}

/// One element of all lanes, from where `from(lane)` points.
template <unsigned Bytes, bool Masked, class From>
[[gnu::always_inline]] inline void load_element(Warp& warp, const Instruction* in, std::uint32_t destination,
                                                From from) noexcept {
  if constexpr (Bytes == 16) {
    auto* d = slot<std::uint64_t>(warp, destination);
    write_lanes<Masked>(warp, d, [&](unsigned lane) { return load<std::uint64_t>(from(lane)); });
    write_lanes<Masked>(warp, d + warp_size, [&](unsigned lane) { return load<std::uint64_t>(from(lane) + 8); });
  } else {
    using T = typename Element<Bytes>::Type;
    if constexpr (Bytes >= 4) {
      if (Bytes == 8 || (in->code & access_code::wide_register) == 0) {
        write_lanes<Masked>(warp, slot<T>(warp, destination), [&](unsigned lane) { return load<T>(from(lane)); });
        return;
      }
    }
    if constexpr (Bytes <= 4) {
      alignas(64) std::uint32_t raw[warp_size];
      for_lanes([&](unsigned lane) { raw[lane] = load<T>(from(lane)); });
      write_extended<Bytes, Masked>(warp, in, destination, raw);
    }
  }
}

template <unsigned Bytes, unsigned Vector, bool Masked, class From>
[[gnu::always_inline]] inline void load_vector(Warp& warp, const Instruction* in, From from) noexcept {
  if constexpr (Vector == 1) {
    load_element<Bytes, Masked>(warp, in, in->d, from);
  } else {
    const auto* slots = static_cast<const std::uint32_t*>(in->data);
    for (unsigned i = 0; i < Vector; ++i) {
      load_element<Bytes, Masked>(warp, in, slots[i], [&](unsigned lane) { return from(lane) + i * Bytes; });
    }
  }
}

/// All lanes, if the addresses are simple in each group. False: they are not, and nothing has been done.
template <class T>
[[gnu::always_inline]] inline bool load_groups(T* d, const std::uint64_t* real) noexcept {
  std::uint32_t steps[group_count];
  if (!find_groups<sizeof(T)>(real, steps)) return false;
  for (unsigned i = 0; i < group_count; ++i) load_group(d + i * group_lanes, pointer(real[i * group_lanes]), steps[i]);
  return true;
}

/// Lane by lane from where `from(lane)` points: what a compiler makes of this with vectors (elements put together one by
/// one) is slower.
template <unsigned Bytes, unsigned Vector, bool Masked, class From>
[[gnu::always_inline]] inline void load_each(Warp& warp, const Instruction* in, From from) noexcept {
  const bool is_direct = Bytes == 8 || (Bytes == 4 && (in->code & access_code::wide_register) == 0);
  if constexpr (Bytes == 4 || Bytes == 8) {
    if (is_direct) {
      using T = typename Element<Bytes>::Type;
      const auto* slots = Vector == 1 ? &in->d : static_cast<const std::uint32_t*>(in->data);
      const std::uint32_t active = warp.active;
      for (unsigned i = 0; i < Vector; ++i) {
        T* d = slot<T>(warp, slots[i]);
        const auto move = [&](unsigned lane) {
          T value = load<T>(from(lane) + i * Bytes);
          asm("" : "+r"(value));  // keeps it in a general register
          d[lane] = value;
        };
        if (!Masked || active == 0xffffffff) {
#pragma GCC unroll 8
          for (unsigned lane = 0; lane < warp_size; ++lane) move(lane);
        } else {
          for (std::uint32_t left = active; left != 0; left &= left - 1) {
            move(static_cast<unsigned>(__builtin_ctz(left)));
          }
        }
      }
      return;
    }
  }
  load_vector<Bytes, Vector, Masked>(warp, in, from);
}

template <unsigned Bytes, unsigned Vector, bool Masked>
[[gnu::always_inline]] inline void load_scattered(Warp& warp, const Instruction* in,
                                                  const Addresses& addresses) noexcept {
  if constexpr (Vector == 1 && (Bytes == 4 || Bytes == 8)) {
    const bool is_whole = !Masked || warp.active == 0xffffffff;
    if (is_whole && (Bytes == 8 || (in->code & access_code::wide_register) == 0)) {
      if (load_groups(slot<typename Element<Bytes>::Type>(warp, in->d), addresses.real)) return;
    }
  }
  load_each<Bytes, Vector, Masked>(warp, in, [&](unsigned lane) { return pointer(addresses.real[lane]); });
}

template <Addressing A, unsigned Bytes, unsigned Vector, bool Masked>
const Instruction* load_lanes(Warp& warp, const Instruction* in) {
  constexpr unsigned total = Bytes * Vector;
  Addresses addresses;
  switch (addresses_of<A, total>(warp, in, Purpose::read, addresses)) {
    case Shape::fault: return nullptr;
    case Shape::partial:  // of stores only
    case Shape::contiguous: {
      const std::byte* first = addresses.first;
      load_vector<Bytes, Vector, Masked>(warp, in, [&](unsigned lane) { return first + lane * total; });
      break;
    }
    case Shape::uniform: {
      std::byte value[total];
      __builtin_memcpy(value, addresses.first, total);
      load_vector<Bytes, Vector, Masked>(warp, in, [&](unsigned) { return value; });
      break;
    }
    case Shape::column: {
      const std::byte* first = addresses.first;
      const std::uint64_t step = addresses.step;
      load_each<Bytes, Vector, Masked>(warp, in, [=](unsigned lane) { return first + lane * step; });
      break;
    }
    case Shape::scattered: load_scattered<Bytes, Vector, Masked>(warp, in, addresses); break;
  }
  return in + 1;
}

template <unsigned Bytes, unsigned Vector, bool Masked>
const Instruction* load_parameter(Warp& warp, const Instruction* in) {
  constexpr unsigned total = Bytes * Vector;
  const auto offset = static_cast<std::uint64_t>(in->immediate);
  if (offset > warp.params_bytes || warp.params_bytes - offset < total) {
    parameter_fault(warp, in, total);
    return nullptr;
  }
  const std::byte* value = warp.params + offset;
  load_vector<Bytes, Vector, Masked>(warp, in, [&](unsigned) { return value; });
  return in + 1;
}

#define CUJITSU_LOAD(addressing, bytes, vector)                   \
  HandlerEntry {                                                  \
    memory_key(Addressing::addressing, bytes, vector), {          \
      load_lanes<Addressing::addressing, bytes, vector, false>,   \
          load_lanes<Addressing::addressing, bytes, vector, true> \
    }                                                             \
  }
#define CUJITSU_LOAD_PARAMETER(addressing, bytes, vector)                       \
  HandlerEntry {                                                                \
    memory_key(Addressing::addressing, bytes, vector), {                        \
      load_parameter<bytes, vector, false>, load_parameter<bytes, vector, true> \
    }                                                                           \
  }

constexpr HandlerEntry entries[] = {
    CUJITSU_SOFTGPU_MEMORY_SHAPES(CUJITSU_LOAD, real),
    CUJITSU_SOFTGPU_MEMORY_SHAPES(CUJITSU_LOAD, shared),
    CUJITSU_SOFTGPU_MEMORY_SHAPES(CUJITSU_LOAD, strided),
    CUJITSU_SOFTGPU_MEMORY_SHAPES(CUJITSU_LOAD_PARAMETER, parameter),
};

}  // namespace

constinit const HandlerTable load_table{entries, sizeof entries / sizeof entries[0]};

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
