// SPDX-License-Identifier: MIT
// add sub mad with .cc, addc subc madc: the carry flag of extended-precision arithmetic. Built for each instruction set.
#include "softgpu/engine/ops/integer_lanes.hpp"

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {
namespace {

using ptx::Type;
__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 Uint128;

/// A word and the carry out of it.
template <class Word>
struct WithCarry {
  Word value;
  std::uint32_t carry;
};

template <class Word>
[[gnu::always_inline]] inline WithCarry<Word> add(Word a, Word b, std::uint32_t carry) {
  const Word partial = a + b;
  const Word sum = partial + carry;
  return {sum, (partial < a ? 1u : 0u) | (sum < partial ? 1u : 0u)};
}

template <class T>
struct AddCarry {
  using Word = typename T::Word;
  static constexpr bool has_third = false;
  static constexpr std::uint32_t first_carry = 0;
  [[gnu::always_inline]] static WithCarry<Word> run(Word a, Word b, Word, std::uint32_t carry) {
    return add(a, b, carry);
  }
};

/// a + ~b + flag, so that the flag is set where nothing was borrowed: NVVM's 128-bit division asks for it by addc.
template <class T>
struct SubCarry {
  using Word = typename T::Word;
  static constexpr bool has_third = false;
  static constexpr std::uint32_t first_carry = 1;
  [[gnu::always_inline]] static WithCarry<Word> run(Word a, Word b, Word, std::uint32_t carry) {
    return add(a, static_cast<Word>(~b), carry);
  }
};

template <class T>
struct MadLoCarry {
  using Word = typename T::Word;
  static constexpr bool has_third = true;
  static constexpr std::uint32_t first_carry = 0;
  [[gnu::always_inline]] static WithCarry<Word> run(Word a, Word b, Word c, std::uint32_t carry) {
    return add(static_cast<Word>(a * b), c, carry);
  }
};

[[gnu::always_inline]] inline std::uint32_t high(U32, std::uint32_t a, std::uint32_t b) {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(a) * b >> 32);
}
[[gnu::always_inline]] inline std::uint32_t high(S32, std::uint32_t a, std::uint32_t b) {
  const std::int64_t product = static_cast<std::int64_t>(static_cast<std::int32_t>(a)) * static_cast<std::int32_t>(b);
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(product) >> 32);
}
[[gnu::always_inline]] inline std::uint64_t high(U64, std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>(static_cast<Uint128>(a) * b >> 64);
}
[[gnu::always_inline]] inline std::uint64_t high(S64, std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>(static_cast<Int128>(static_cast<std::int64_t>(a)) * static_cast<std::int64_t>(b) >>
                                    64);
}

template <class T>
struct MadHiCarry {
  using Word = typename T::Word;
  static constexpr bool has_third = true;
  static constexpr std::uint32_t first_carry = 0;
  [[gnu::always_inline]] static WithCarry<Word> run(Word a, Word b, Word c, std::uint32_t carry) {
    return add(high(T{}, a, b), c, carry);
  }
};

template <class Operation, bool CarryIn, bool CarryOut, bool Masked>
const Instruction* carrying(Warp& warp, const Instruction* in) {
  using Word = typename Operation::Word;
  Word* d = slot<Word>(warp, in->d);
  const Word* a = slot<Word>(warp, in->a);
  const Word* b = slot<Word>(warp, in->b);
  const Word* c = Operation::has_third ? slot<Word>(warp, in->c) : a;
  std::uint32_t* flag = slot<std::uint32_t>(warp, carry_slot);
  const std::uint32_t* mask = warp.mask;
  for_lanes([=](unsigned lane) {
    const auto result = Operation::run(a[lane], b[lane], c[lane], CarryIn ? flag[lane] : Operation::first_carry);
    if constexpr (CarryOut) flag[lane] = !Masked || mask[lane] != 0 ? result.carry : flag[lane];
    d[lane] = !Masked || mask[lane] != 0 ? result.value : d[lane];
  });
  return in + 1;
}

template <class Operation, bool CarryIn, bool CarryOut>
constexpr HandlerEntry carry_row(IntegerFamily family, Type type) {
  return {integer_key(family, type, (CarryIn ? carry_in_variant : 0) | (CarryOut ? carry_out_variant : 0)),
          {carrying<Operation, CarryIn, CarryOut, false>, carrying<Operation, CarryIn, CarryOut, true>}};
}

#define CUJITSU_SOFTGPU_CARRY_ROWS(family, Operation, type)                 \
  carry_row<Operation, false, true>(IntegerFamily::family, Type::type),     \
      carry_row<Operation, true, false>(IntegerFamily::family, Type::type), \
      carry_row<Operation, true, true>(IntegerFamily::family, Type::type)

constexpr HandlerEntry entries[] = {
    CUJITSU_SOFTGPU_CARRY_ROWS(carry_add, AddCarry<U32>, u32),
    CUJITSU_SOFTGPU_CARRY_ROWS(carry_add, AddCarry<U64>, u64),
    CUJITSU_SOFTGPU_CARRY_ROWS(carry_sub, SubCarry<U32>, u32),
    CUJITSU_SOFTGPU_CARRY_ROWS(carry_sub, SubCarry<U64>, u64),
    CUJITSU_SOFTGPU_CARRY_ROWS(carry_mad_lo, MadLoCarry<U32>, u32),
    CUJITSU_SOFTGPU_CARRY_ROWS(carry_mad_lo, MadLoCarry<U64>, u64),
    CUJITSU_SOFTGPU_CARRY_ROWS(carry_mad_hi, MadHiCarry<U32>, u32),
    CUJITSU_SOFTGPU_CARRY_ROWS(carry_mad_hi, MadHiCarry<S32>, s32),
    CUJITSU_SOFTGPU_CARRY_ROWS(carry_mad_hi, MadHiCarry<U64>, u64),
    CUJITSU_SOFTGPU_CARRY_ROWS(carry_mad_hi, MadHiCarry<S64>, s64),
};

}  // namespace

constinit const HandlerTable integer_carry_table{entries, sizeof entries / sizeof entries[0]};

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
