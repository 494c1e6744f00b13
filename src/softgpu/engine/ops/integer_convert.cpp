// SPDX-License-Identifier: MIT
// cvt between integers. Built for each instruction set.
#include "softgpu/engine/ops/integer_lanes.hpp"

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {
namespace {

using ptx::Type;

template <Type type>
struct Element;
template <>
struct Element<Type::u8> {
  static constexpr unsigned bits = 8;
  static constexpr bool has_sign = false;
};
template <>
struct Element<Type::s8> {
  static constexpr unsigned bits = 8;
  static constexpr bool has_sign = true;
};
template <>
struct Element<Type::u16> {
  static constexpr unsigned bits = 16;
  static constexpr bool has_sign = false;
};
template <>
struct Element<Type::s16> {
  static constexpr unsigned bits = 16;
  static constexpr bool has_sign = true;
};
template <>
struct Element<Type::u32> {
  static constexpr unsigned bits = 32;
  static constexpr bool has_sign = false;
};
template <>
struct Element<Type::s32> {
  static constexpr unsigned bits = 32;
  static constexpr bool has_sign = true;
};
template <>
struct Element<Type::u64> {
  static constexpr unsigned bits = 64;
  static constexpr bool has_sign = false;
};
template <>
struct Element<Type::s64> {
  static constexpr unsigned bits = 64;
  static constexpr bool has_sign = true;
};

/// The low bits of a word, extended to `To` as the type says.
template <class To, Type type, class From>
[[gnu::always_inline]] inline To extended(From word) {
  constexpr unsigned bits = Element<type>::bits;
  if constexpr (bits >= 8 * sizeof(To)) {
    return static_cast<To>(word);
  } else if constexpr (bits == 32) {
    const auto low = static_cast<std::uint32_t>(word);
    if constexpr (Element<type>::has_sign)
      return static_cast<To>(static_cast<std::int64_t>(static_cast<std::int32_t>(low)));
    else
      return static_cast<To>(low);
  } else {
    // By way of 32 bits, where every instruction set has an arithmetic shift for vectors.
    const auto low = static_cast<std::uint32_t>(word);
    if constexpr (Element<type>::has_sign) {
      return static_cast<To>(static_cast<std::int64_t>(static_cast<std::int32_t>(low << (32 - bits)) >> (32 - bits)));
    } else {
      return static_cast<To>(low & ((1u << bits) - 1));
    }
  }
}

template <class To, class From, Type type, unsigned cut>
struct Extend {
  [[gnu::always_inline]] static To run(From a) {
    constexpr To kept = static_cast<To>(~std::uint64_t{0} >> (64 - (cut == 0 ? 64 : cut)));
    return extended<To, type>(a) & kept;
  }
};

/// Clamps to the range of the type in Instruction::code. Which one it is only matters for two limits, so it is no template
/// parameter.
template <class To, class From, Type type, bool Masked>
const Instruction* saturated(Warp& warp, const Instruction* in) {
  const From* a = slot<From>(warp, in->a);
  const unsigned bits = in->code & 0xff;
  const bool is_signed = (in->code & saturate_signed) != 0;
  const std::uint64_t highest = ~std::uint64_t{0} >> (64 - bits + (is_signed ? 1 : 0));
  const auto lowest = is_signed ? static_cast<std::int64_t>(~highest) : 0;
  const auto kept = static_cast<To>(~std::uint64_t{0} >> (64 - (in->code >> saturate_register_shift)));
  if constexpr (Element<type>::has_sign) {
    const auto limit = static_cast<std::int64_t>(highest > INT64_MAX ? INT64_MAX : highest);
    write_lanes<Masked>(warp, slot<To>(warp, in->d), [=](unsigned lane) {
      const auto value = static_cast<std::int64_t>(extended<std::uint64_t, type>(a[lane]));
      const std::int64_t raised = value < lowest ? lowest : value;
      return static_cast<To>(static_cast<To>(raised > limit ? limit : raised) & kept);
    });
  } else {
    write_lanes<Masked>(warp, slot<To>(warp, in->d), [=](unsigned lane) {
      const auto value = extended<std::uint64_t, type>(a[lane]);
      return static_cast<To>(static_cast<To>(value > highest ? highest : value) & kept);
    });
  }
  return in + 1;
}

/// `cut`: 0, or 16 or 32 where a sign-extended value is cut to an unsigned type's width or to a narrow register's.
template <class To, class From, Type type, unsigned cut = 0>
constexpr HandlerEntry extend_row() {
  return row<Extend<To, From, type, cut>>(IntegerFamily::extend, type,
                                          extend_variant(8 * sizeof(To), 8 * sizeof(From), cut));
}

template <class To, class From, Type type>
constexpr HandlerEntry saturate_row() {
  return {integer_key(IntegerFamily::saturate, type, saturate_variant(8 * sizeof(To), 8 * sizeof(From))),
          {saturated<To, From, type, false>, saturated<To, From, type, true>}};
}

using W = std::uint32_t;
using L = std::uint64_t;

#define CUJITSU_SOFTGPU_NARROW_ROWS(To, From)                                                               \
  extend_row<To, From, Type::u8>(), extend_row<To, From, Type::s8>(), extend_row<To, From, Type::s8, 16>(), \
      extend_row<To, From, Type::u16>(), extend_row<To, From, Type::s16>(), extend_row<To, From, Type::u32>()
#define CUJITSU_SOFTGPU_LONG_ROWS(From) \
  extend_row<L, From, Type::s8, 32>(), extend_row<L, From, Type::s16, 32>(), extend_row<L, From, Type::s32>()
#define CUJITSU_SOFTGPU_SATURATE_ROWS(From, type) \
  saturate_row<W, From, Type::type>(), saturate_row<L, From, Type::type>()

constexpr HandlerEntry entries[] = {
    CUJITSU_SOFTGPU_NARROW_ROWS(W, W),     CUJITSU_SOFTGPU_NARROW_ROWS(W, L),     CUJITSU_SOFTGPU_NARROW_ROWS(L, W),
    CUJITSU_SOFTGPU_NARROW_ROWS(L, L),     CUJITSU_SOFTGPU_LONG_ROWS(W),          CUJITSU_SOFTGPU_LONG_ROWS(L),
    extend_row<L, L, Type::u64>(),         CUJITSU_SOFTGPU_SATURATE_ROWS(W, u8),  CUJITSU_SOFTGPU_SATURATE_ROWS(W, s8),
    CUJITSU_SOFTGPU_SATURATE_ROWS(W, u16), CUJITSU_SOFTGPU_SATURATE_ROWS(W, s16), CUJITSU_SOFTGPU_SATURATE_ROWS(W, u32),
    CUJITSU_SOFTGPU_SATURATE_ROWS(W, s32), CUJITSU_SOFTGPU_SATURATE_ROWS(L, u8),  CUJITSU_SOFTGPU_SATURATE_ROWS(L, s8),
    CUJITSU_SOFTGPU_SATURATE_ROWS(L, u16), CUJITSU_SOFTGPU_SATURATE_ROWS(L, s16), CUJITSU_SOFTGPU_SATURATE_ROWS(L, u32),
    CUJITSU_SOFTGPU_SATURATE_ROWS(L, s32), CUJITSU_SOFTGPU_SATURATE_ROWS(L, u64), CUJITSU_SOFTGPU_SATURATE_ROWS(L, s64),
};

}  // namespace

constinit const HandlerTable integer_convert_table{entries, sizeof entries / sizeof entries[0]};

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
