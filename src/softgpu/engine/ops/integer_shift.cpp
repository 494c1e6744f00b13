// SPDX-License-Identifier: MIT
// shl shr shf prmt. Built for each instruction set.
#include "softgpu/engine/ops/integer_lanes.hpp"

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {
namespace {

using ptx::Type;

// Counts are full 32-bit numbers; from the width on everything has been shifted out.
template <class T>
struct Shl {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a, std::uint32_t count) {
    return count < T::bits ? T::store(a << (count & (T::bits - 1))) : Word{0};
  }
};

template <class T>
struct Shr {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a, std::uint32_t count) {
    if constexpr (static_cast<typename T::Value>(-1) < 0) {
      return T::store(T::load(a) >> (count < T::bits ? count : T::bits - 1));
    } else {
      return count < T::bits ? T::load(a) >> (count & (T::bits - 1)) : Word{0};
    }
  }
};

/// The high word of b:a shifted left. a << 1 >> 1 and the like keep every count within what the host defines.
template <bool Clamp>
struct FunnelLeft {
  [[gnu::always_inline]] static std::uint32_t run(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    const std::uint32_t count = c & 31;
    const std::uint32_t wrapped = b << count | a >> 1 >> (31 - count);
    return Clamp && c >= 32 ? a : wrapped;
  }
};

/// The low word of b:a shifted right.
template <bool Clamp>
struct FunnelRight {
  [[gnu::always_inline]] static std::uint32_t run(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    const std::uint32_t count = c & 31;
    const std::uint32_t wrapped = b << 1 << (31 - count) | a >> count;
    return Clamp && c >= 32 ? b : wrapped;
  }
};

/// Byte `at` of the result. Bit 3 of its selector asks for the byte's sign in all bits.
template <unsigned at>
[[gnu::always_inline]] inline std::uint32_t permuted_byte(std::uint32_t a, std::uint32_t b, std::uint32_t selectors) {
  const std::uint32_t selector = selectors >> (4 * at);
  const std::uint32_t byte = ((selector & 4) != 0 ? b : a) >> (8 * (selector & 3)) & 0xff;
  const std::uint32_t sign = (byte >> 7) * 0xffu;
  return ((selector & 8) != 0 ? sign : byte) << (8 * at);
}
[[gnu::always_inline]] inline std::uint32_t permuted(std::uint32_t a, std::uint32_t b, std::uint32_t selectors) {
  return permuted_byte<0>(a, b, selectors) | permuted_byte<1>(a, b, selectors) | permuted_byte<2>(a, b, selectors) |
         permuted_byte<3>(a, b, selectors);
}

struct Permute {
  [[gnu::always_inline]] static std::uint32_t run(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    return permuted(a, b, c);
  }
};

/// The special modes: four fixed selections, the low two bits of c choose. `Selections`: 16 bits for each.
template <std::uint64_t Selections>
struct PermuteMode {
  [[gnu::always_inline]] static std::uint32_t run(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    constexpr auto low = static_cast<std::uint32_t>(Selections);
    constexpr auto high = static_cast<std::uint32_t>(Selections >> 32);
    return permuted(a, b, ((c & 2) != 0 ? high : low) >> (16 * (c & 1)) & 0xffff);
  }
};

#define CUJITSU_SOFTGPU_SHIFT_ROWS(family, Operation, type) \
  row<Operation, false>(IntegerFamily::family, Type::type), \
      row<Operation, true>(IntegerFamily::family, Type::type, uniform_variant)
#define CUJITSU_SOFTGPU_FUNNEL_ROWS(family, Operation)                                \
  row<Operation<false>, false>(IntegerFamily::family, Type::b32),                     \
      row<Operation<false>, true>(IntegerFamily::family, Type::b32, uniform_variant), \
      row<Operation<true>, false>(IntegerFamily::family, Type::b32, clamp_variant),   \
      row<Operation<true>, true>(IntegerFamily::family, Type::b32, clamp_variant | uniform_variant)

constexpr HandlerEntry entries[] = {
    CUJITSU_SOFTGPU_SHIFT_ROWS(shl, Shl<U16>, u16),
    CUJITSU_SOFTGPU_SHIFT_ROWS(shl, Shl<U32>, u32),
    CUJITSU_SOFTGPU_SHIFT_ROWS(shl, Shl<U64>, u64),
    CUJITSU_SOFTGPU_SHIFT_ROWS(shr, Shr<U16>, u16),
    CUJITSU_SOFTGPU_SHIFT_ROWS(shr, Shr<S16>, s16),
    CUJITSU_SOFTGPU_SHIFT_ROWS(shr, Shr<U32>, u32),
    CUJITSU_SOFTGPU_SHIFT_ROWS(shr, Shr<S32>, s32),
    CUJITSU_SOFTGPU_SHIFT_ROWS(shr, Shr<U64>, u64),
    CUJITSU_SOFTGPU_SHIFT_ROWS(shr, Shr<S64>, s64),
    CUJITSU_SOFTGPU_FUNNEL_ROWS(shf_left, FunnelLeft),
    CUJITSU_SOFTGPU_FUNNEL_ROWS(shf_right, FunnelRight),
    row<Permute, false>(IntegerFamily::prmt, Type::b32, permute_default),
    row<Permute, true>(IntegerFamily::prmt, Type::b32, permute_default | uniform_variant),
    row<PermuteMode<0x6543'5432'4321'3210>>(IntegerFamily::prmt, Type::b32, permute_f4e),
    row<PermuteMode<0x0123'7012'6701'5670>>(IntegerFamily::prmt, Type::b32, permute_b4e),
    row<PermuteMode<0x3333'2222'1111'0000>>(IntegerFamily::prmt, Type::b32, permute_rc8),
    row<PermuteMode<0x3333'3222'3211'3210>>(IntegerFamily::prmt, Type::b32, permute_ecl),
    row<PermuteMode<0x3210'2210'1110'0000>>(IntegerFamily::prmt, Type::b32, permute_ecr),
    row<PermuteMode<0x3232'1010'3232'1010>>(IntegerFamily::prmt, Type::b32, permute_rc16),
};

}  // namespace

constinit const HandlerTable integer_shift_table{entries, sizeof entries / sizeof entries[0]};

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
