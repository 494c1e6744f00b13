// SPDX-License-Identifier: MIT
// div and rem. Built for each instruction set.
#include "softgpu/engine/ops/integer_lanes.hpp"

// As a GPU: dividing by zero gives all ones for quotient and remainder, and INT_MIN / -1 wraps. No host division ever
// sees such operands.
namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {
namespace {

using ptx::Type;

// 16 and 32 bits by floating-point division, which is a vector instruction. The quotient of two n-bit integers that is
// not an integer is at least 2^-n (relatively) away from one, more than a rounding error in any rounding mode, so cutting
// off its fraction is exact.
[[gnu::always_inline]] inline std::uint32_t quotient(U16, std::uint32_t a, std::uint32_t b) {
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(static_cast<float>(static_cast<std::int32_t>(a)) /
                                                              static_cast<float>(static_cast<std::int32_t>(b))));
}
[[gnu::always_inline]] inline std::int32_t quotient(S16, std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>(static_cast<float>(a) / static_cast<float>(b));
}
[[gnu::always_inline]] inline double to_double(std::uint32_t value) {
  return static_cast<double>(static_cast<std::int32_t>(value ^ 0x80000000u)) + 2147483648.0;
}
[[gnu::always_inline]] inline std::uint32_t quotient(U32, std::uint32_t a, std::uint32_t b) {
  // From a divisor of 2 the quotient fits into the signed integers that there is a vector conversion to.
  const std::uint32_t divisor = b < 2 ? 2 : b;
  const auto q = static_cast<std::uint32_t>(static_cast<std::int32_t>(to_double(a) / to_double(divisor)));
  return b < 2 ? a : q;
}
[[gnu::always_inline]] inline std::int32_t quotient(S32, std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>(static_cast<double>(a) / static_cast<double>(b));
}
[[gnu::always_inline]] inline std::uint64_t quotient(U64, std::uint64_t a, std::uint64_t b) { return a / b; }
[[gnu::always_inline]] inline std::int64_t quotient(S64, std::int64_t a, std::int64_t b) { return a / b; }

/// As a word, before it is cut to the type: for divisors other than zero.
template <class T>
[[gnu::always_inline]] inline typename T::Word quotient_word(typename T::Word a, typename T::Word b) {
  using Word = typename T::Word;
  using Value = typename T::Value;
  const Value x = T::load(a);
  const Value y = T::load(b);
  if constexpr (static_cast<Value>(-1) < 0) {
    const bool negates = y == -1;
    const Value q = quotient(T{}, x, negates || y == 0 ? Value{1} : y);
    return negates ? Word{0} - static_cast<Word>(x) : static_cast<Word>(q);
  } else {
    return static_cast<Word>(quotient(T{}, x, y == 0 ? Value{1} : y));
  }
}

template <class T>
struct Div {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a, Word b) {
    constexpr Word all = static_cast<Word>(~Word{0} >> (8 * sizeof(Word) - T::bits));
    const Word q = quotient_word<T>(a, b);
    return (T::load(b) == 0 ? ~Word{0} : q) & all;
  }
};

template <class T>
struct Rem {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a, Word b) {
    constexpr Word all = static_cast<Word>(~Word{0} >> (8 * sizeof(Word) - T::bits));
    const Word r = static_cast<Word>(T::load(a)) - quotient_word<T>(a, b) * static_cast<Word>(T::load(b));
    return (T::load(b) == 0 ? ~Word{0} : r) & all;
  }
};

constexpr HandlerEntry entries[] = {
    CUJITSU_SOFTGPU_ROWS(div, Div),
    CUJITSU_SOFTGPU_ROWS(rem, Rem),
};

}  // namespace

constinit const HandlerTable integer_divide_table{entries, sizeof entries / sizeof entries[0]};

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
