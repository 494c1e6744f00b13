// SPDX-License-Identifier: MIT
// Handlers out of one lane's operation: what the integer files share. Built for each instruction set, as lanes.hpp.
#pragma once

#include "softgpu/engine/ops/integer_keys.hpp"
#include "softgpu/engine/ops/lanes.hpp"

#include <cstdint>

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {

// A type as it lies in a slot (Word) and as it is computed with (Value). 16-bit values stay in 32-bit lanes: that keeps
// every loop at one vector width.
struct U16 {
  using Word = std::uint32_t;
  using Value = std::uint32_t;
  static constexpr unsigned bits = 16;
  [[gnu::always_inline]] static Value load(Word word) { return word & 0xffffu; }
  [[gnu::always_inline]] static Word store(Value value) { return value & 0xffffu; }
};
struct S16 {
  using Word = std::uint32_t;
  using Value = std::int32_t;
  static constexpr unsigned bits = 16;
  [[gnu::always_inline]] static Value load(Word word) { return static_cast<Value>(word << 16) >> 16; }
  [[gnu::always_inline]] static Word store(Value value) { return static_cast<Word>(value) & 0xffffu; }
};
template <class WordType, class ValueType>
struct Plain {
  using Word = WordType;
  using Value = ValueType;
  static constexpr unsigned bits = 8 * sizeof(Word);
  [[gnu::always_inline]] static Value load(Word word) { return static_cast<Value>(word); }
  [[gnu::always_inline]] static Word store(Value value) { return static_cast<Word>(value); }
};
using U32 = Plain<std::uint32_t, std::uint32_t>;
using S32 = Plain<std::uint32_t, std::int32_t>;
using U64 = Plain<std::uint64_t, std::uint64_t>;
using S64 = Plain<std::uint64_t, std::int64_t>;

// An operation is a struct with a static run(): words in, a word out. Which slots it reads and writes follows from run()'s
// parameter types. With Uniform, the last source (a count or selector) is the same in all lanes, so lane 0 speaks for all.

template <class Operation, bool Masked, class D, class A>
const Instruction* unary(Warp& warp, const Instruction* in) {
  const A* a = slot<A>(warp, in->a);
  write_lanes<Masked>(warp, slot<D>(warp, in->d), [=](unsigned lane) { return Operation::run(a[lane]); });
  return in + 1;
}

template <class Operation, bool Masked, bool Uniform, class D, class A, class B>
const Instruction* binary(Warp& warp, const Instruction* in) {
  const A* a = slot<A>(warp, in->a);
  const B* b = slot<B>(warp, in->b);
  const B first = b[0];
  write_lanes<Masked>(warp, slot<D>(warp, in->d),
                      [=](unsigned lane) { return Operation::run(a[lane], Uniform ? first : b[lane]); });
  return in + 1;
}

/// With Uniform: the third source, and the second too where it is no value but a count (Operation::two_counts).
template <class Operation, bool Masked, bool Uniform, class D, class A, class B, class C>
const Instruction* ternary(Warp& warp, const Instruction* in) {
  const A* a = slot<A>(warp, in->a);
  const B* b = slot<B>(warp, in->b);
  const C* c = slot<C>(warp, in->c);
  const C first = c[0];
  if constexpr (Uniform && requires { Operation::two_counts; }) {
    const B second = b[0];
    write_lanes<Masked>(warp, slot<D>(warp, in->d),
                        [=](unsigned lane) { return Operation::run(a[lane], second, first); });
  } else {
    write_lanes<Masked>(warp, slot<D>(warp, in->d),
                        [=](unsigned lane) { return Operation::run(a[lane], b[lane], Uniform ? first : c[lane]); });
  }
  return in + 1;
}

template <class Operation, bool Masked, class D, class A, class B, class C, class E>
const Instruction* quaternary(Warp& warp, const Instruction* in) {
  const A* a = slot<A>(warp, in->a);
  const B* b = slot<B>(warp, in->b);
  const C* c = slot<C>(warp, in->c);
  const E* e = slot<E>(warp, in->e);
  write_lanes<Masked>(warp, slot<D>(warp, in->d),
                      [=](unsigned lane) { return Operation::run(a[lane], b[lane], c[lane], e[lane]); });
  return in + 1;
}

template <class Operation, bool Uniform, class D, class A>
constexpr HandlerPair pair_of(D (*)(A)) {
  return {unary<Operation, false, D, A>, unary<Operation, true, D, A>};
}
template <class Operation, bool Uniform, class D, class A, class B>
constexpr HandlerPair pair_of(D (*)(A, B)) {
  return {binary<Operation, false, Uniform, D, A, B>, binary<Operation, true, Uniform, D, A, B>};
}
template <class Operation, bool Uniform, class D, class A, class B, class C>
constexpr HandlerPair pair_of(D (*)(A, B, C)) {
  return {ternary<Operation, false, Uniform, D, A, B, C>, ternary<Operation, true, Uniform, D, A, B, C>};
}
template <class Operation, bool Uniform, class D, class A, class B, class C, class E>
constexpr HandlerPair pair_of(D (*)(A, B, C, E)) {
  return {quaternary<Operation, false, D, A, B, C, E>, quaternary<Operation, true, D, A, B, C, E>};
}

template <class Operation, bool Uniform = false>
constexpr HandlerPair handlers() {
  return pair_of<Operation, Uniform>(static_cast<decltype(&Operation::run)>(nullptr));
}

/// One row of a table.
template <class Operation, bool Uniform = false>
constexpr HandlerEntry row(IntegerFamily family, ptx::Type type, unsigned variant = 0) {
  return {integer_key(family, type, variant), handlers<Operation, Uniform>()};
}

/// `combine` of Instruction::code as masks, so that one handler serves every combination.
struct Combiner {
  std::uint32_t negate, none, both, either, differ;
  [[gnu::always_inline]] explicit Combiner(std::uint32_t code)
      : negate((code & combine_negated) != 0 ? ~0u : 0u),
        none((code & combine_mask) == combine_none ? ~0u : 0u),
        both((code & combine_mask) == combine_and ? ~0u : 0u),
        either((code & combine_mask) == combine_or ? ~0u : 0u),
        differ((code & combine_mask) == combine_xor ? ~0u : 0u) {}
  [[gnu::always_inline]] std::uint32_t run(std::uint32_t value, std::uint32_t predicate) const {
    const std::uint32_t other = predicate ^ negate;
    return (value & none) | (value & other & both) | ((value | other) & either) | ((value ^ other) & differ);
  }
};

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA

/// The table's rows by type: CUJITSU_SOFTGPU_ROW_U(family, Operation) is for operations that do not see the sign.
#define CUJITSU_SOFTGPU_ROWS_U(family, Operation)                                                               \
  row<Operation<U16>>(IntegerFamily::family, Type::u16), row<Operation<U32>>(IntegerFamily::family, Type::u32), \
      row<Operation<U64>>(IntegerFamily::family, Type::u64)
#define CUJITSU_SOFTGPU_ROWS_S(family, Operation)                                                               \
  row<Operation<S16>>(IntegerFamily::family, Type::s16), row<Operation<S32>>(IntegerFamily::family, Type::s32), \
      row<Operation<S64>>(IntegerFamily::family, Type::s64)
#define CUJITSU_SOFTGPU_ROWS(family, Operation) \
  CUJITSU_SOFTGPU_ROWS_U(family, Operation), CUJITSU_SOFTGPU_ROWS_S(family, Operation)
