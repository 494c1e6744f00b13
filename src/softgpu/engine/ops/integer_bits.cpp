// SPDX-License-Identifier: MIT
// brev popc clz bfind bfe bfi bmsk szext fns. Built for each instruction set.
#include "softgpu/engine/ops/integer_lanes.hpp"

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {
namespace {

using ptx::Type;

// Counting and reversing by shifts and masks, in parallel within a word: unlike the host's own instructions for it, these
// are vector operations in every instruction set.

template <class Word>
constexpr Word repeated(std::uint32_t pattern) {
  return static_cast<Word>(static_cast<std::uint64_t>(pattern) << 32 | pattern);
}

template <class Word>
[[gnu::always_inline]] inline std::uint32_t ones(Word value) {
  value = value - (value >> 1 & repeated<Word>(0x55555555));
  value = (value & repeated<Word>(0x33333333)) + (value >> 2 & repeated<Word>(0x33333333));
  value = (value + (value >> 4)) & repeated<Word>(0x0f0f0f0f);
  value += value >> 8;
  value += value >> 16;
  if constexpr (sizeof(Word) == 8) value += value >> 32;
  return static_cast<std::uint32_t>(value) & 0x7f;
}

template <class Word>
[[gnu::always_inline]] inline std::uint32_t leading_zeros(Word value) {
  value |= value >> 1;
  value |= value >> 2;
  value |= value >> 4;
  value |= value >> 8;
  value |= value >> 16;
  if constexpr (sizeof(Word) == 8) value |= value >> 32;
  return static_cast<std::uint32_t>(8 * sizeof(Word)) - ones(value);
}

template <class T>
struct Reverse {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a) {
    a = (a >> 1 & repeated<Word>(0x55555555)) | (a & repeated<Word>(0x55555555)) << 1;
    a = (a >> 2 & repeated<Word>(0x33333333)) | (a & repeated<Word>(0x33333333)) << 2;
    a = (a >> 4 & repeated<Word>(0x0f0f0f0f)) | (a & repeated<Word>(0x0f0f0f0f)) << 4;
    a = (a >> 8 & repeated<Word>(0x00ff00ff)) | (a & repeated<Word>(0x00ff00ff)) << 8;
    constexpr unsigned half = 4 * sizeof(Word);
    if constexpr (sizeof(Word) == 8)
      a = (a >> 16 & repeated<Word>(0x0000ffff)) | (a & repeated<Word>(0x0000ffff)) << 16;
    return a >> half | a << half;
  }
};

template <class T>
struct Popc {
  [[gnu::always_inline]] static std::uint32_t run(typename T::Word a) { return ones(a); }
};

template <class T>
struct Clz {
  [[gnu::always_inline]] static std::uint32_t run(typename T::Word a) { return leading_zeros(a); }
};

/// The highest bit that differs from the sign (unsigned: from 0), or -1.
template <class T, bool ShiftAmount>
struct Bfind {
  using Word = typename T::Word;
  [[gnu::always_inline]] static std::uint32_t run(Word a) {
    const Word value = T::load(a) < 0 ? static_cast<Word>(~a) : a;
    const std::uint32_t zeros = leading_zeros(value);
    if constexpr (ShiftAmount) return value == 0 ? ~0u : zeros;
    return T::bits - 1 - zeros;
  }
};
template <class Word, bool ShiftAmount>
struct Bfind<Plain<Word, Word>, ShiftAmount> {
  [[gnu::always_inline]] static std::uint32_t run(Word a) {
    const std::uint32_t zeros = leading_zeros(a);
    if constexpr (ShiftAmount) return a == 0 ? ~0u : zeros;
    return static_cast<std::uint32_t>(8 * sizeof(Word)) - 1 - zeros;
  }
};

/// `length` ones.
template <class Word>
[[gnu::always_inline]] inline Word low_ones(std::uint32_t length) {
  constexpr auto bits = static_cast<std::uint32_t>(8 * sizeof(Word));
  return length < bits ? (Word{1} << (length & (bits - 1))) - 1 : ~Word{0};
}

/// What counts of a position or length: its low 8 bits, but all of it in the 64-bit forms.
template <class T>
[[gnu::always_inline]] inline std::uint32_t counted(std::uint32_t value) {
  return T::bits == 64 ? value : value & 0xff;
}

template <class T>
struct Bfe {
  using Word = typename T::Word;
  static constexpr bool two_counts = true;
  [[gnu::always_inline]] static Word run(Word a, std::uint32_t b, std::uint32_t c) {
    const std::uint32_t position = counted<T>(b);
    const std::uint32_t length = counted<T>(c);
    if constexpr (static_cast<typename T::Value>(-1) < 0) {
      const auto moved = T::load(a) >> (position < T::bits ? position : T::bits - 1);
      const std::uint32_t above = length < T::bits ? T::bits - length : 0;
      // Length 0 shifts by the whole width, which the host does not define: that result is 0 anyway.
      const std::uint32_t shift = above & (T::bits - 1);
      const Word extended = T::store(static_cast<typename T::Value>(T::store(moved) << shift) >> shift);
      return length == 0 ? Word{0} : extended;
    } else {
      const Word moved = position < T::bits ? a >> (position & (T::bits - 1)) : Word{0};
      return moved & low_ones<Word>(length);
    }
  }
};

template <class T>
struct Bfi {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a, Word b, std::uint32_t c, std::uint32_t e) {
    const std::uint32_t position = counted<T>(c);
    const std::uint32_t shift = position & (T::bits - 1);
    const Word field = position < T::bits ? low_ones<Word>(counted<T>(e)) << shift : Word{0};
    return (b & ~field) | (a << shift & field);
  }
};

template <bool Clamp>
struct Bmsk {
  [[gnu::always_inline]] static std::uint32_t run(std::uint32_t a, std::uint32_t b) {
    const std::uint32_t position = a & 31;
    const std::uint32_t width = Clamp ? b : b & 31;
    const std::uint32_t mask = low_ones<std::uint32_t>(width) << position;
    return Clamp && a >= 32 ? 0 : mask;
  }
};

template <class T, bool Clamp>
struct Szext {
  [[gnu::always_inline]] static std::uint32_t run(std::uint32_t a, std::uint32_t b) {
    const std::uint32_t width = b & 31;
    const std::uint32_t shift = (32 - width) & 31;
    const std::uint32_t extended = T::store(static_cast<typename T::Value>(a << shift) >> shift);
    return Clamp && b >= 32 ? a : width == 0 ? 0 : extended;
  }
};

/// The position of the n-th set bit from a base, up or down; all ones if there is none.
struct Fns {
  [[gnu::always_inline]] static std::uint32_t run(std::uint32_t mask, std::uint32_t base, std::uint32_t offset) {
    if (base > 31) return ~0u;
    if (offset == 0) return (mask >> base & 1) != 0 ? base : ~0u;
    const bool down = static_cast<std::int32_t>(offset) < 0;
    std::uint32_t left = down ? 0u - offset : offset;
    for (std::uint32_t position = base; position < 32; position += down ? ~0u : 1u) {
      if ((mask >> position & 1) != 0 && --left == 0) return position;
    }
    return ~0u;
  }
};

#define CUJITSU_SOFTGPU_FIELD_ROWS(T, type)                                    \
  row<Bfind<T, false>>(IntegerFamily::bfind, Type::type),                      \
      row<Bfind<T, true>>(IntegerFamily::bfind, Type::type, shiftamt_variant), \
      row<Bfe<T>, false>(IntegerFamily::bfe, Type::type),                      \
      row<Bfe<T>, true>(IntegerFamily::bfe, Type::type, uniform_variant)

constexpr HandlerEntry entries[] = {
    row<Reverse<U32>>(IntegerFamily::brev, Type::b32),
    row<Reverse<U64>>(IntegerFamily::brev, Type::b64),
    row<Popc<U32>>(IntegerFamily::popc, Type::b32),
    row<Popc<U64>>(IntegerFamily::popc, Type::b64),
    row<Clz<U32>>(IntegerFamily::clz, Type::b32),
    row<Clz<U64>>(IntegerFamily::clz, Type::b64),
    CUJITSU_SOFTGPU_FIELD_ROWS(U32, u32),
    CUJITSU_SOFTGPU_FIELD_ROWS(S32, s32),
    CUJITSU_SOFTGPU_FIELD_ROWS(U64, u64),
    CUJITSU_SOFTGPU_FIELD_ROWS(S64, s64),
    row<Bfi<U32>>(IntegerFamily::bfi, Type::b32),
    row<Bfi<U64>>(IntegerFamily::bfi, Type::b64),
    row<Bmsk<false>>(IntegerFamily::bmsk, Type::b32),
    row<Bmsk<true>>(IntegerFamily::bmsk, Type::b32, clamp_variant),
    row<Szext<U32, false>>(IntegerFamily::szext, Type::u32),
    row<Szext<U32, true>>(IntegerFamily::szext, Type::u32, clamp_variant),
    row<Szext<S32, false>>(IntegerFamily::szext, Type::s32),
    row<Szext<S32, true>>(IntegerFamily::szext, Type::s32, clamp_variant),
    row<Fns>(IntegerFamily::fns, Type::b32),
};

}  // namespace

constinit const HandlerTable integer_bits_table{entries, sizeof entries / sizeof entries[0]};

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
