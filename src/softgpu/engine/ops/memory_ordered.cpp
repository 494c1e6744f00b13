// SPDX-License-Identifier: MIT
// All of them acquire or release, whatever was asked: that is allowed, and costs nothing on x86.
#include "softgpu/engine/ops/memory_ordered.hpp"

#include "softgpu/engine/ops/memory_access.hpp"

#include <type_traits>

namespace cujitsu::softgpu {
namespace {

template <class T>
void write_register(Warp& warp, const Instruction* in, std::uint32_t destination, std::uint32_t lane,
                    T value) noexcept {
  using Signed = std::make_signed_t<T>;
  const auto with_sign = static_cast<std::int64_t>(static_cast<Signed>(value));
  auto extended = std::uint64_t{value};
  switch (extension_of(in)) {
    case Extension::zero: break;
    case Extension::sign_to_16: extended = static_cast<std::uint16_t>(with_sign); break;
    case Extension::sign_to_32: extended = static_cast<std::uint32_t>(with_sign); break;
    case Extension::sign_to_64: extended = static_cast<std::uint64_t>(with_sign); break;
  }
  if (sizeof(T) == 8 || (in->code & access_code::wide_register) != 0) {
    slot<std::uint64_t>(warp, destination)[lane] = extended;
  } else {
    slot<std::uint32_t>(warp, destination)[lane] = static_cast<std::uint32_t>(extended);
  }
}

template <class T>
T read_register(Warp& warp, const Instruction* in, std::uint32_t source, std::uint32_t lane) noexcept {
  if (sizeof(T) == 8 || (in->code & access_code::wide_register) != 0) {
    return static_cast<T>(slot<std::uint64_t>(warp, source)[lane]);
  }
  return static_cast<T>(slot<std::uint32_t>(warp, source)[lane]);
}

template <class T>
const Instruction* load(Warp& warp, const Instruction* in) {
  const std::uint32_t vector = vector_of(in);
  std::uint64_t real[warp_size];
  if (!resolve_lanes(warp, in, vector * sizeof(T), Purpose::read, real)) return nullptr;
  const std::uint32_t* slots = vector == 1 ? &in->d : static_cast<const std::uint32_t*>(in->data);
  for (std::uint32_t lane = 0; lane < warp_size; ++lane) {
    if ((warp.active >> lane & 1) == 0) continue;
    const T* from = reinterpret_cast<const T*>(real[lane]);
    for (std::uint32_t i = 0; i < vector; ++i) {
      write_register<T>(warp, in, slots[i], lane, __atomic_load_n(from + i, __ATOMIC_ACQUIRE));
    }
  }
  return in + 1;
}

template <class T>
const Instruction* store(Warp& warp, const Instruction* in) {
  const std::uint32_t vector = vector_of(in);
  std::uint64_t real[warp_size];
  if (!resolve_lanes(warp, in, vector * sizeof(T), Purpose::write, real)) return nullptr;
  const std::uint32_t* slots = vector == 1 ? &in->b : static_cast<const std::uint32_t*>(in->data);
  for (std::uint32_t lane = warp_size; lane-- > 0;) {  // the lowest lane's value stays
    if ((warp.active >> lane & 1) == 0) continue;
    T* to = reinterpret_cast<T*>(real[lane]);
    for (std::uint32_t i = 0; i < vector; ++i) {
      __atomic_store_n(to + i, read_register<T>(warp, in, slots[i], lane), __ATOMIC_RELEASE);
    }
  }
  return in + 1;
}

}  // namespace

Handler ordered_load(std::uint32_t bytes) noexcept {
  switch (bytes) {
    case 1: return load<std::uint8_t>;
    case 2: return load<std::uint16_t>;
    case 4: return load<std::uint32_t>;
    case 8: return load<std::uint64_t>;
    default: return nullptr;
  }
}

Handler ordered_store(std::uint32_t bytes) noexcept {
  switch (bytes) {
    case 1: return store<std::uint8_t>;
    case 2: return store<std::uint16_t>;
    case 4: return store<std::uint32_t>;
    case 8: return store<std::uint64_t>;
    default: return nullptr;
  }
}

}  // namespace cujitsu::softgpu
