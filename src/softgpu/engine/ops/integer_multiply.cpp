// SPDX-License-Identifier: MIT
// mul mad mul24 mad24 dp4a dp2a vabsdiff. Built for each instruction set.
#include "softgpu/engine/ops/integer_lanes.hpp"

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {
namespace {

using ptx::Type;
__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 Uint128;

template <class T>
struct Wide;
template <>
struct Wide<U16> {
  using Type = U32;
};
template <>
struct Wide<S16> {
  using Type = S32;
};
template <>
struct Wide<U32> {
  using Type = U64;
};
template <>
struct Wide<S32> {
  using Type = S64;
};

template <class T>
struct MulLo {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a, Word b) { return T::store(a * b); }
};

template <class T>
struct MulWide {
  using Word = typename T::Word;
  using Result = typename Wide<T>::Type;
  [[gnu::always_inline]] static typename Result::Word run(Word a, Word b) {
    // The product fits, whatever the operands.
    return Result::store(static_cast<typename Result::Value>(T::load(a)) *
                         static_cast<typename Result::Value>(T::load(b)));
  }
};

template <class T>
struct MulHi {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a, Word b) {
    return static_cast<Word>(T::store(
        static_cast<typename T::Value>(static_cast<typename Wide<T>::Type::Value>(MulWide<T>::run(a, b)) >> T::bits)));
  }
};
template <>
struct MulHi<U64> {
  [[gnu::always_inline]] static std::uint64_t run(std::uint64_t a, std::uint64_t b) {
    return static_cast<std::uint64_t>(static_cast<Uint128>(a) * b >> 64);
  }
};
template <>
struct MulHi<S64> {
  [[gnu::always_inline]] static std::uint64_t run(std::uint64_t a, std::uint64_t b) {
    return static_cast<std::uint64_t>(
        static_cast<Int128>(static_cast<std::int64_t>(a)) * static_cast<std::int64_t>(b) >> 64);
  }
};

/// a * b by `Product`, plus c, modulo the width.
template <class Product, class T>
struct PlusThird {
  using Word = typename T::Word;
  template <class Source>
  [[gnu::always_inline]] static Word add(Source a, Source b, Word c) {
    constexpr Word all = static_cast<Word>(~Word{0} >> (8 * sizeof(Word) - T::bits));
    return (Product::run(a, b) + c) & all;
  }
};
template <class T>
struct MadLo {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a, Word b, Word c) { return PlusThird<MulLo<T>, T>::add(a, b, c); }
};
template <class T>
struct MadHi {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a, Word b, Word c) { return PlusThird<MulHi<T>, T>::add(a, b, c); }
};
template <class T>
struct MadWide {
  using Word = typename T::Word;
  using Result = typename Wide<T>::Type;
  [[gnu::always_inline]] static typename Result::Word run(Word a, Word b, typename Result::Word c) {
    return PlusThird<MulWide<T>, Result>::add(a, b, c);
  }
};

[[gnu::always_inline]] inline std::uint32_t saturating_sum(std::uint32_t a, std::uint32_t b) {
  const std::uint32_t sum = a + b;
  const std::uint32_t end = static_cast<std::uint32_t>(static_cast<std::int32_t>(a) >> 31) ^ 0x7fffffffu;
  return static_cast<std::int32_t>((a ^ sum) & (b ^ sum)) < 0 ? end : sum;
}

/// The low 24 bits, extended by their sign or not.
template <class T>
[[gnu::always_inline]] inline std::int64_t low24(std::uint32_t word) {
  if constexpr (static_cast<typename T::Value>(-1) < 0) return static_cast<std::int32_t>(word << 8) >> 8;
  return static_cast<std::int64_t>(word & 0xffffffu);
}
template <class T>
struct Mul24Lo {
  [[gnu::always_inline]] static std::uint32_t run(std::uint32_t a, std::uint32_t b) {
    return static_cast<std::uint32_t>(low24<T>(a)) * static_cast<std::uint32_t>(low24<T>(b));
  }
};
/// Bits 16 to 47 of the 48-bit product.
template <class T>
struct Mul24Hi {
  [[gnu::always_inline]] static std::uint32_t run(std::uint32_t a, std::uint32_t b) {
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(low24<T>(a) * low24<T>(b)) >> 16);
  }
};
template <class Product>
struct Mad24 {
  [[gnu::always_inline]] static std::uint32_t run(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    return Product::run(a, b) + c;
  }
};
template <class Product>
struct MadSat {
  [[gnu::always_inline]] static std::uint32_t run(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    return saturating_sum(Product::run(a, b), c);
  }
};

/// The element at bit `at`, `bits` wide.
template <bool Signed, unsigned bits, unsigned at>
[[gnu::always_inline]] inline std::uint32_t element(std::uint32_t word) {
  constexpr unsigned above = 32 - bits - at;
  if constexpr (Signed) return static_cast<std::uint32_t>(static_cast<std::int32_t>(word << above) >> (32 - bits));
  return word << above >> (32 - bits);
}

template <bool ASigned, bool BSigned>
struct Dp4a {
  template <unsigned at>
  [[gnu::always_inline]] static std::uint32_t product(std::uint32_t a, std::uint32_t b) {
    return element<ASigned, 8, at>(a) * element<BSigned, 8, at>(b);
  }
  [[gnu::always_inline]] static std::uint32_t run(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    return c + product<0>(a, b) + product<8>(a, b) + product<16>(a, b) + product<24>(a, b);
  }
};

template <bool ASigned, bool BSigned, bool High>
struct Dp2a {
  [[gnu::always_inline]] static std::uint32_t run(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    constexpr unsigned at = High ? 16 : 0;
    return c + element<ASigned, 16, 0>(a) * element<BSigned, 8, at>(b) +
           element<ASigned, 16, 16>(a) * element<BSigned, 8, at + 8>(b);
  }
};

/// vabsdiff4 and vabsdiff2: |a - b| of the elements, side by side or (accumulate) summed up with c. `variant` is that of
/// the table.
template <unsigned variant>
struct VideoAbsDiff {
  static constexpr unsigned bits = (variant & halves_variant) != 0 ? 16 : 8;
  static constexpr bool accumulates = (variant & accumulate_variant) != 0;

  template <unsigned at>
  [[gnu::always_inline]] static std::uint32_t difference(std::uint32_t a, std::uint32_t b) {
    constexpr bool a_signed = (variant & a_signed_variant) != 0;
    constexpr bool b_signed = (variant & b_signed_variant) != 0;
    constexpr std::int32_t most = (variant & clamp_unsigned_variant) != 0 ? (1 << bits) - 1
                                  : (variant & clamp_signed_variant) != 0 ? (1 << (bits - 1)) - 1
                                                                          : 1 << (bits + 1);
    const auto d = static_cast<std::int32_t>(element<a_signed, bits, at>(a) - element<b_signed, bits, at>(b));
    const std::int32_t magnitude = d < 0 ? -d : d;
    return static_cast<std::uint32_t>(magnitude < most ? magnitude : most);
  }
  template <unsigned at>
  [[gnu::always_inline]] static std::uint32_t part(std::uint32_t a, std::uint32_t b) {
    if constexpr (at >= 32)
      return 0;
    else if constexpr (accumulates)
      return difference<at>(a, b) + part<at + bits>(a, b);
    else
      return (difference<at>(a, b) & ((1u << bits) - 1)) << at | part<at + bits>(a, b);
  }
  [[gnu::always_inline]] static std::uint32_t run(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    return accumulates ? part<0>(a, b) + c : part<0>(a, b);
  }
};

/// Four bytes out of eight, which `selectors` names by 4 bits each.
[[gnu::always_inline]] inline std::uint32_t chosen_bytes(std::uint64_t bytes, std::uint32_t selectors) {
  std::uint32_t result = 0;
  for (unsigned i = 0; i < 4; ++i)
    result |= static_cast<std::uint32_t>(bytes >> (8 * (selectors >> (4 * i) & 7)) & 0xff) << (8 * i);
  return result;
}

template <unsigned variant, bool Masked>
const Instruction* selected_difference(Warp& warp, const Instruction* in) {
  using Difference = VideoAbsDiff<variant>;
  const std::uint32_t* a = slot<std::uint32_t>(warp, in->a);
  const std::uint32_t* b = slot<std::uint32_t>(warp, in->b);
  const std::uint32_t* c = slot<std::uint32_t>(warp, in->c);
  const auto a_selectors = static_cast<std::uint32_t>(in->immediate & 0xffff);
  const auto b_selectors = static_cast<std::uint32_t>(in->immediate >> 16 & 0xffff);
  const std::uint32_t kept = in->code;
  write_lanes<Masked>(warp, slot<std::uint32_t>(warp, in->d), [=](unsigned lane) {
    const std::uint64_t bytes = static_cast<std::uint64_t>(b[lane]) << 32 | a[lane];
    const std::uint32_t first = chosen_bytes(bytes, a_selectors);
    const std::uint32_t second = chosen_bytes(bytes, b_selectors);
    // An element that is left out of a sum differs by 0.
    if constexpr (Difference::accumulates) return Difference::run(first & kept, second & kept, c[lane]);
    return (Difference::run(first, second, 0) & kept) | (c[lane] & ~kept);
  });
  return in + 1;
}

template <bool ASigned, bool BSigned>
constexpr unsigned signs = (ASigned ? a_signed_variant : 0) | (BSigned ? b_signed_variant : 0);

template <unsigned variant>
constexpr HandlerEntry selected_row() {
  return {integer_key(IntegerFamily::vabsdiff, Type::u32, variant | selected_variant),
          {selected_difference<variant, false>, selected_difference<variant, true>}};
}
#define CUJITSU_SOFTGPU_VIDEO_ROW(variant) \
  row<VideoAbsDiff<variant>>(IntegerFamily::vabsdiff, Type::u32, variant), selected_row<variant>()
// Of a variant without signs, for all four of them.
#define CUJITSU_SOFTGPU_VIDEO_ROWS(variant)                                                    \
  CUJITSU_SOFTGPU_VIDEO_ROW(variant), CUJITSU_SOFTGPU_VIDEO_ROW((variant) | a_signed_variant), \
      CUJITSU_SOFTGPU_VIDEO_ROW((variant) | b_signed_variant),                                 \
      CUJITSU_SOFTGPU_VIDEO_ROW((variant) | a_signed_variant | b_signed_variant)

#define CUJITSU_SOFTGPU_DOT_ROWS(A, B)                                     \
  row<Dp4a<A, B>>(IntegerFamily::dp4a, Type::u32, signs<A, B>),            \
      row<Dp2a<A, B, false>>(IntegerFamily::dp2a, Type::u32, signs<A, B>), \
      row<Dp2a<A, B, true>>(IntegerFamily::dp2a, Type::u32, signs<A, B> | high_half_variant)

constexpr HandlerEntry entries[] = {
    CUJITSU_SOFTGPU_ROWS_U(mul_lo, MulLo),
    CUJITSU_SOFTGPU_ROWS(mul_hi, MulHi),
    row<MulWide<U16>>(IntegerFamily::mul_wide, Type::u16),
    row<MulWide<S16>>(IntegerFamily::mul_wide, Type::s16),
    row<MulWide<U32>>(IntegerFamily::mul_wide, Type::u32),
    row<MulWide<S32>>(IntegerFamily::mul_wide, Type::s32),
    CUJITSU_SOFTGPU_ROWS_U(mad_lo, MadLo),
    CUJITSU_SOFTGPU_ROWS(mad_hi, MadHi),
    row<MadWide<U16>>(IntegerFamily::mad_wide, Type::u16),
    row<MadWide<S16>>(IntegerFamily::mad_wide, Type::s16),
    row<MadWide<U32>>(IntegerFamily::mad_wide, Type::u32),
    row<MadWide<S32>>(IntegerFamily::mad_wide, Type::s32),
    row<MadSat<MulHi<S32>>>(IntegerFamily::mad_hi_sat, Type::s32),
    row<Mul24Lo<U32>>(IntegerFamily::mul24_lo, Type::u32),
    row<Mul24Lo<S32>>(IntegerFamily::mul24_lo, Type::s32),
    row<Mul24Hi<U32>>(IntegerFamily::mul24_hi, Type::u32),
    row<Mul24Hi<S32>>(IntegerFamily::mul24_hi, Type::s32),
    row<Mad24<Mul24Lo<U32>>>(IntegerFamily::mad24_lo, Type::u32),
    row<Mad24<Mul24Lo<S32>>>(IntegerFamily::mad24_lo, Type::s32),
    row<Mad24<Mul24Hi<U32>>>(IntegerFamily::mad24_hi, Type::u32),
    row<Mad24<Mul24Hi<S32>>>(IntegerFamily::mad24_hi, Type::s32),
    row<MadSat<Mul24Hi<S32>>>(IntegerFamily::mad24_hi_sat, Type::s32),
    CUJITSU_SOFTGPU_DOT_ROWS(false, false),
    CUJITSU_SOFTGPU_DOT_ROWS(false, true),
    CUJITSU_SOFTGPU_DOT_ROWS(true, false),
    CUJITSU_SOFTGPU_DOT_ROWS(true, true),
    CUJITSU_SOFTGPU_VIDEO_ROWS(0),
    CUJITSU_SOFTGPU_VIDEO_ROWS(accumulate_variant),
    CUJITSU_SOFTGPU_VIDEO_ROWS(clamp_unsigned_variant),
    CUJITSU_SOFTGPU_VIDEO_ROWS(clamp_signed_variant),
    CUJITSU_SOFTGPU_VIDEO_ROWS(halves_variant),
    CUJITSU_SOFTGPU_VIDEO_ROWS(halves_variant | accumulate_variant),
    CUJITSU_SOFTGPU_VIDEO_ROWS(halves_variant | clamp_unsigned_variant),
    CUJITSU_SOFTGPU_VIDEO_ROWS(halves_variant | clamp_signed_variant),
};

}  // namespace

constinit const HandlerTable integer_multiply_table{entries, sizeof entries / sizeof entries[0]};

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
