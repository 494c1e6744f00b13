// SPDX-License-Identifier: MIT
// add sub neg abs min max sad, and the saturating ones. Built for each instruction set.
#include "softgpu/engine/ops/integer_lanes.hpp"

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {
namespace {

using ptx::Type;

template <class T>
struct Add {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a, Word b) { return T::store(a + b); }
};

template <class T>
struct Sub {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a, Word b) { return T::store(a - b); }
};

template <class T>
struct Neg {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a) { return T::store(Word{0} - a); }
};

template <class T>
struct Abs {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a) {
    constexpr Word all = static_cast<Word>(~Word{0} >> (8 * sizeof(Word) - T::bits));
    return (T::load(a) < 0 ? Word{0} - a : a) & all;
  }
};

template <class T>
struct Min {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a, Word b) {
    const auto x = T::load(a);
    const auto y = T::load(b);
    return T::store(x < y ? x : y);
  }
};

template <class T>
struct Max {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a, Word b) {
    const auto x = T::load(a);
    const auto y = T::load(b);
    return T::store(x < y ? y : x);
  }
};

template <class T>
struct Positive {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a) { return T::load(a) < 0 ? Word{0} : a; }
};

template <class First, class Second>
struct Then {
  using Word = std::uint32_t;
  [[gnu::always_inline]] static Word run(Word a, Word b) { return Second::run(First::run(a, b)); }
};

/// An operation on 16 bits, on both halves.
template <class Operation>
struct Halves {
  using Word = std::uint32_t;
  [[gnu::always_inline]] static Word run(Word a, Word b) {
    return Operation::run(a & 0xffffu, b & 0xffffu) | Operation::run(a >> 16, b >> 16) << 16;
  }
};

/// |a - b| as an unsigned number, so that nothing overflows.
template <class T>
struct Sad {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a, Word b, Word c) {
    const auto x = T::load(a);
    const auto y = T::load(b);
    const Word difference =
        x < y ? static_cast<Word>(y) - static_cast<Word>(x) : static_cast<Word>(x) - static_cast<Word>(y);
    constexpr Word all = static_cast<Word>(~Word{0} >> (8 * sizeof(Word) - T::bits));
    return (c + difference) & all;
  }
};

/// What a sum or difference that has overflowed becomes: the end of the range on a's side.
[[gnu::always_inline]] inline std::uint32_t end_of_range(std::uint32_t a) {
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(a) >> 31) ^ 0x7fffffffu;
}

struct AddSat {
  [[gnu::always_inline]] static std::uint32_t run(std::uint32_t a, std::uint32_t b) {
    const std::uint32_t sum = a + b;
    return static_cast<std::int32_t>((a ^ sum) & (b ^ sum)) < 0 ? end_of_range(a) : sum;
  }
};

struct SubSat {
  [[gnu::always_inline]] static std::uint32_t run(std::uint32_t a, std::uint32_t b) {
    const std::uint32_t difference = a - b;
    return static_cast<std::int32_t>((a ^ b) & (a ^ difference)) < 0 ? end_of_range(a) : difference;
  }
};

constexpr HandlerEntry entries[] = {
    CUJITSU_SOFTGPU_ROWS_U(add, Add),
    CUJITSU_SOFTGPU_ROWS_U(sub, Sub),
    CUJITSU_SOFTGPU_ROWS_U(neg, Neg),
    CUJITSU_SOFTGPU_ROWS_S(abs, Abs),
    CUJITSU_SOFTGPU_ROWS(min, Min),
    CUJITSU_SOFTGPU_ROWS(max, Max),
    CUJITSU_SOFTGPU_ROWS(sad, Sad),
    row<Halves<Add<U16>>>(IntegerFamily::add, Type::u16x2),
    row<Halves<Min<U16>>>(IntegerFamily::min, Type::u16x2),
    row<Halves<Min<S16>>>(IntegerFamily::min, Type::s16x2),
    row<Halves<Max<U16>>>(IntegerFamily::max, Type::u16x2),
    row<Halves<Max<S16>>>(IntegerFamily::max, Type::s16x2),
    row<Then<Min<S32>, Positive<S32>>>(IntegerFamily::min, Type::s32, relu_variant),
    row<Then<Max<S32>, Positive<S32>>>(IntegerFamily::max, Type::s32, relu_variant),
    row<Halves<Then<Min<S16>, Positive<S16>>>>(IntegerFamily::min, Type::s16x2, relu_variant),
    row<Halves<Then<Max<S16>, Positive<S16>>>>(IntegerFamily::max, Type::s16x2, relu_variant),
    row<AddSat>(IntegerFamily::add_sat, Type::s32),
    row<SubSat>(IntegerFamily::sub_sat, Type::s32),
};

}  // namespace

constinit const HandlerTable integer_arithmetic_table{entries, sizeof entries / sizeof entries[0]};

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
