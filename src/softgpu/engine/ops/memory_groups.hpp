// SPDX-License-Identifier: MIT
// Loads whose addresses are simple in each group of 8 lanes, one after the other or all the same: the rows of tiles that
// are 8 or 16 wide. Written with vectors, which GCC does not find in it. Built for each instruction set.
#pragma once

#include "softgpu/engine/ops/lanes.hpp"

#include <cstddef>
#include <cstdint>

#if defined(__AVX__)
#include <immintrin.h>
#endif

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {

inline constexpr unsigned group_lanes = 8;
inline constexpr unsigned group_count = warp_size / group_lanes;

/// 32 bytes of addresses or offsets.
template <class Address>
struct AddressVector {
  typedef Address Type __attribute__((vector_size(32), may_alias));
  static constexpr unsigned lanes = 32 / sizeof(Address);
};

template <class Vector>
[[gnu::always_inline]] inline bool is_zero(const Vector& vector) noexcept {
#if defined(__AVX__)
  return _mm256_testz_si256(reinterpret_cast<const __m256i&>(vector), reinterpret_cast<const __m256i&>(vector)) != 0;
#else
  using Words = AddressVector<std::uint64_t>::Type;
  const auto& words = reinterpret_cast<const Words&>(vector);
  return (words[0] | words[1] | words[2] | words[3]) == 0;
#endif
}

/// `first` + 0, Bytes, 2 * Bytes, … of part `part` of a group.
template <unsigned Bytes, class Address>
[[gnu::always_inline]] inline void fill_row(typename AddressVector<Address>::Type& row, Address first,
                                            unsigned part) noexcept {
  constexpr unsigned lanes = AddressVector<Address>::lanes;
  for (unsigned i = 0; i < lanes; ++i) row[i] = static_cast<Address>((part * lanes + i) * Bytes);
  row += first;
}

/// Whether the 32 addresses are simple in each group; steps: the bytes between the lanes of a group, `Bytes` or 0.
template <unsigned Bytes, class Address>
[[gnu::always_inline]] inline bool find_groups(const Address* addresses, std::uint32_t* steps) noexcept {
  using Vector = typename AddressVector<Address>::Type;
  constexpr unsigned lanes = AddressVector<Address>::lanes;
  for (unsigned group = 0; group < group_count; ++group) {
    const Address* at = addresses + group * group_lanes;
    Vector apart{};
    Vector differences{};
    for (unsigned part = 0; part < group_lanes / lanes; ++part) {
      const Vector& each = *reinterpret_cast<const Vector*>(at + part * lanes);
      Vector row;
      fill_row<Bytes, Address>(row, at[0], part);
      apart |= each ^ row;
      differences |= each ^ at[0];
    }
    if (is_zero(apart)) {
      steps[group] = Bytes;
    } else if (is_zero(differences)) {
      steps[group] = 0;
    } else {
      return false;
    }
  }
  return true;
}

/// One group's elements, `step` (sizeof(T) or 0) bytes apart.
template <class T>
[[gnu::always_inline]] inline void load_group(T* to, const std::byte* from, std::uint32_t step) noexcept {
  if (step != 0) {
    __builtin_memcpy(to, from, group_lanes * sizeof(T));
    return;
  }
  T value;
  __builtin_memcpy(&value, from, sizeof value);
  for (unsigned lane = 0; lane < group_lanes; ++lane) to[lane] = value;
}

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
