// SPDX-License-Identifier: MIT
// mov with packing and unpacking, selp slct, and or xor not cnot lop3. Built for each instruction set.
#include "softgpu/engine/ops/integer_lanes.hpp"

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {
namespace {

using ptx::Type;

template <class T>
struct Mov {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a) { return T::load(a); }
};

template <class T>
struct And {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a, Word b) { return a & b; }
};
template <class T>
struct Or {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a, Word b) { return a | b; }
};
template <class T>
struct Xor {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a, Word b) { return a ^ b; }
};
template <class T>
struct Not {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a) { return T::store(~a); }
};
template <class T>
struct Cnot {
  using Word = typename T::Word;
  [[gnu::always_inline]] static Word run(Word a) { return a == 0 ? Word{1} : Word{0}; }
};

template <bool Masked>
const Instruction* mov128(Warp& warp, const Instruction* in) {
  const std::uint64_t* a = slot<std::uint64_t>(warp, in->a);
  std::uint64_t* d = slot<std::uint64_t>(warp, in->d);
  const std::uint32_t* mask = warp.mask;
  for_lanes([=](unsigned lane) {
    const std::uint64_t low = a[lane];
    const std::uint64_t high = a[warp_size + lane];
    d[lane] = !Masked || mask[lane] != 0 ? low : d[lane];
    d[warp_size + lane] = !Masked || mask[lane] != 0 ? high : d[warp_size + lane];
  });
  return in + 1;
}

template <bool Masked>
const Instruction* pack128(Warp& warp, const Instruction* in) {
  const std::uint64_t* a = slot<std::uint64_t>(warp, in->a);
  const std::uint64_t* b = slot<std::uint64_t>(warp, in->b);
  std::uint64_t* d = slot<std::uint64_t>(warp, in->d);
  const std::uint32_t* mask = warp.mask;
  for_lanes([=](unsigned lane) {
    const std::uint64_t low = a[lane];
    const std::uint64_t high = b[lane];
    d[lane] = !Masked || mask[lane] != 0 ? low : d[lane];
    d[warp_size + lane] = !Masked || mask[lane] != 0 ? high : d[warp_size + lane];
  });
  return in + 1;
}

template <bool Masked>
const Instruction* unpack128(Warp& warp, const Instruction* in) {
  const std::uint64_t* b = slot<std::uint64_t>(warp, in->b);
  std::uint64_t* d = slot<std::uint64_t>(warp, in->d);
  std::uint64_t* a = slot<std::uint64_t>(warp, in->a);
  const std::uint32_t* mask = warp.mask;
  for_lanes([=](unsigned lane) {
    const std::uint64_t low = b[lane];
    const std::uint64_t high = b[warp_size + lane];
    d[lane] = !Masked || mask[lane] != 0 ? low : d[lane];
    a[lane] = !Masked || mask[lane] != 0 ? high : a[lane];
  });
  return in + 1;
}

/// Two elements to one word, the first in the low bits.
template <class Word, unsigned bits>
struct Pack2 {
  [[gnu::always_inline]] static Word run(std::uint32_t a, std::uint32_t b) {
    constexpr std::uint32_t kept = ~0u >> (32 - bits);
    return static_cast<Word>(a & kept) | static_cast<Word>(b & kept) << bits;
  }
};
template <class Word, unsigned bits>
struct Pack4 {
  [[gnu::always_inline]] static Word run(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t e) {
    return static_cast<Word>(Pack2<std::uint32_t, bits>::run(a, b)) |
           static_cast<Word>(Pack2<std::uint32_t, bits>::run(c, e)) << (2 * bits);
  }
};

template <class Word, unsigned bits, bool Masked>
const Instruction* unpack2(Warp& warp, const Instruction* in) {
  const Word* b = slot<Word>(warp, in->b);
  std::uint32_t* d = slot<std::uint32_t>(warp, in->d);
  std::uint32_t* a = slot<std::uint32_t>(warp, in->a);
  const std::uint32_t* mask = warp.mask;
  constexpr std::uint32_t kept = ~0u >> (32 - bits);
  for_lanes([=](unsigned lane) {
    const Word word = b[lane];
    d[lane] = !Masked || mask[lane] != 0 ? static_cast<std::uint32_t>(word) & kept : d[lane];
    a[lane] = !Masked || mask[lane] != 0 ? static_cast<std::uint32_t>(word >> bits) & kept : a[lane];
  });
  return in + 1;
}

template <class Word, unsigned bits, bool Masked>
const Instruction* unpack4(Warp& warp, const Instruction* in) {
  const Word* e = slot<Word>(warp, in->e);
  std::uint32_t* d = slot<std::uint32_t>(warp, in->d);
  std::uint32_t* a = slot<std::uint32_t>(warp, in->a);
  std::uint32_t* b = slot<std::uint32_t>(warp, in->b);
  std::uint32_t* c = slot<std::uint32_t>(warp, in->c);
  const std::uint32_t* mask = warp.mask;
  constexpr std::uint32_t kept = ~0u >> (32 - bits);
  for_lanes([=](unsigned lane) {
    const Word word = e[lane];
    d[lane] = !Masked || mask[lane] != 0 ? static_cast<std::uint32_t>(word) & kept : d[lane];
    a[lane] = !Masked || mask[lane] != 0 ? static_cast<std::uint32_t>(word >> bits) & kept : a[lane];
    b[lane] = !Masked || mask[lane] != 0 ? static_cast<std::uint32_t>(word >> (2 * bits)) & kept : b[lane];
    c[lane] = !Masked || mask[lane] != 0 ? static_cast<std::uint32_t>(word >> (3 * bits)) & kept : c[lane];
  });
  return in + 1;
}

/// Logic on predicates of which some are negated.
template <class Operation, bool Masked>
const Instruction* negated_logic(Warp& warp, const Instruction* in) {
  const std::uint32_t* a = slot<std::uint32_t>(warp, in->a);
  const std::uint32_t* b = slot<std::uint32_t>(warp, in->b);
  const std::uint32_t flip_a = (in->code & 1) != 0 ? ~0u : 0u;
  const std::uint32_t flip_b = (in->code & 2) != 0 ? ~0u : 0u;
  write_lanes<Masked>(warp, slot<std::uint32_t>(warp, in->d),
                      [=](unsigned lane) { return Operation::run(a[lane] ^ flip_a, b[lane] ^ flip_b); });
  return in + 1;
}

/// c ? a : b; Instruction::code 1: c is negated.
template <class Word, bool Masked>
const Instruction* select(Warp& warp, const Instruction* in) {
  const Word* a = slot<Word>(warp, in->a);
  const Word* b = slot<Word>(warp, in->b);
  const std::uint32_t* c = slot<std::uint32_t>(warp, in->c);
  const std::uint32_t flip = in->code != 0 ? ~0u : 0u;
  // By masks: of a choice between two elements GCC makes loads under a mask, which wait for the stores before them.
  write_lanes<Masked>(warp, slot<Word>(warp, in->d), [=](unsigned lane) {
    const auto chosen = static_cast<Word>(static_cast<std::int64_t>(static_cast<std::int32_t>(c[lane] ^ flip)));
    return (a[lane] & chosen) | (b[lane] & ~chosen);
  });
  return in + 1;
}

/// Selectors of slct: whether a word counts as >= 0.
struct NotNegative {
  [[gnu::always_inline]] static bool run(std::uint32_t word) { return static_cast<std::int32_t>(word) >= 0; }
};
struct NotNegativeFloat {  // -0 is, a NaN is not
  [[gnu::always_inline]] static bool run(std::uint32_t word) { return word <= 0x7f800000u || word == 0x80000000u; }
};
struct NotNegativeFlushedFloat {  // neither are negative subnormals less than 0
  [[gnu::always_inline]] static bool run(std::uint32_t word) {
    return word <= 0x7f800000u || (word & 0xff800000u) == 0x80000000u;
  }
};
template <class Word, class Selector>
struct Slct {
  [[gnu::always_inline]] static Word run(Word a, Word b, std::uint32_t c) { return Selector::run(c) ? a : b; }
};

/// Any function of three bits: a chain of multiplexers whose inputs are the table's bits, spread over words.
struct Table {
  std::uint32_t start[4];
  std::uint32_t change[4];
  [[gnu::always_inline]] explicit Table(std::uint32_t bits) {
    for (unsigned i = 0; i < 4; ++i) {
      const std::uint32_t low = (bits >> (2 * i) & 1) != 0 ? ~0u : 0u;
      const std::uint32_t high = (bits >> (2 * i + 1) & 1) != 0 ? ~0u : 0u;
      start[i] = low;
      change[i] = low ^ high;
    }
  }
  [[gnu::always_inline]] std::uint32_t run(std::uint32_t a, std::uint32_t b, std::uint32_t c) const {
    const std::uint32_t f0 = start[0] ^ (c & change[0]);
    const std::uint32_t f1 = start[1] ^ (c & change[1]);
    const std::uint32_t f2 = start[2] ^ (c & change[2]);
    const std::uint32_t f3 = start[3] ^ (c & change[3]);
    const std::uint32_t without_a = f0 ^ (b & (f0 ^ f1));
    const std::uint32_t with_a = f2 ^ (b & (f2 ^ f3));
    return without_a ^ (a & (without_a ^ with_a));
  }
};

template <bool Masked>
const Instruction* lookup(Warp& warp, const Instruction* in) {
  const std::uint32_t* a = slot<std::uint32_t>(warp, in->a);
  const std::uint32_t* b = slot<std::uint32_t>(warp, in->b);
  const std::uint32_t* c = slot<std::uint32_t>(warp, in->c);
  const Table table(static_cast<std::uint32_t>(in->immediate));
  write_lanes<Masked>(warp, slot<std::uint32_t>(warp, in->d),
                      [=](unsigned lane) { return table.run(a[lane], b[lane], c[lane]); });
  return in + 1;
}

/// The predicate f tells whether the result is not 0, combined with the predicate e.
template <bool Masked>
const Instruction* lookup_and_test(Warp& warp, const Instruction* in) {
  const std::uint32_t* a = slot<std::uint32_t>(warp, in->a);
  const std::uint32_t* b = slot<std::uint32_t>(warp, in->b);
  const std::uint32_t* c = slot<std::uint32_t>(warp, in->c);
  const std::uint32_t* e = slot<std::uint32_t>(warp, in->e);
  std::uint32_t* d = slot<std::uint32_t>(warp, in->d);
  std::uint32_t* f = slot<std::uint32_t>(warp, in->f);
  const std::uint32_t* mask = warp.mask;
  const Table table(static_cast<std::uint32_t>(in->immediate));
  const Combiner combiner(in->code);
  for_lanes([=](unsigned lane) {
    const std::uint32_t result = table.run(a[lane], b[lane], c[lane]);
    const std::uint32_t truth = combiner.run(result != 0 ? ~0u : 0u, e[lane]);
    d[lane] = !Masked || mask[lane] != 0 ? result : d[lane];
    f[lane] = !Masked || mask[lane] != 0 ? truth : f[lane];
  });
  return in + 1;
}

#define CUJITSU_SOFTGPU_PAIR_ROW(family, type, variant, name, ...)                  \
  HandlerEntry {                                                                    \
    integer_key(IntegerFamily::family, Type::type, variant), {                      \
      name<__VA_ARGS__ __VA_OPT__(, ) false>, name<__VA_ARGS__ __VA_OPT__(, ) true> \
    }                                                                               \
  }
#define CUJITSU_SOFTGPU_LOGIC_ROWS(family, Operation)                                                           \
  row<Operation<U32>>(IntegerFamily::family, Type::b32), row<Operation<U64>>(IntegerFamily::family, Type::b64), \
      CUJITSU_SOFTGPU_PAIR_ROW(family, pred, negated_variant, negated_logic, Operation<U32>)
#define CUJITSU_SOFTGPU_SLCT_ROWS(Word, type)                                               \
  row<Slct<Word, NotNegative>>(IntegerFamily::slct, Type::type),                            \
      row<Slct<Word, NotNegativeFloat>>(IntegerFamily::slct, Type::type, slct_f32_variant), \
      row<Slct<Word, NotNegativeFlushedFloat>>(IntegerFamily::slct, Type::type, slct_ftz_variant)

// pack and unpack go by the type of the whole; the variant is the number of elements.
constexpr HandlerEntry entries[] = {
    row<Mov<U16>>(IntegerFamily::mov, Type::b16),
    row<Mov<U32>>(IntegerFamily::mov, Type::b32),
    row<Mov<U64>>(IntegerFamily::mov, Type::b64),
    CUJITSU_SOFTGPU_PAIR_ROW(mov, b128, 0, mov128),
    row<Pack2<std::uint32_t, 8>>(IntegerFamily::pack, Type::b16, 2),
    row<Pack2<std::uint32_t, 16>>(IntegerFamily::pack, Type::b32, 2),
    row<Pack2<std::uint64_t, 32>>(IntegerFamily::pack, Type::b64, 2),
    row<Pack4<std::uint32_t, 8>>(IntegerFamily::pack, Type::b32, 4),
    row<Pack4<std::uint64_t, 16>>(IntegerFamily::pack, Type::b64, 4),
    CUJITSU_SOFTGPU_PAIR_ROW(pack, b128, 2, pack128),
    CUJITSU_SOFTGPU_PAIR_ROW(unpack, b16, 2, unpack2, std::uint32_t, 8),
    CUJITSU_SOFTGPU_PAIR_ROW(unpack, b32, 2, unpack2, std::uint32_t, 16),
    CUJITSU_SOFTGPU_PAIR_ROW(unpack, b64, 2, unpack2, std::uint64_t, 32),
    CUJITSU_SOFTGPU_PAIR_ROW(unpack, b32, 4, unpack4, std::uint32_t, 8),
    CUJITSU_SOFTGPU_PAIR_ROW(unpack, b64, 4, unpack4, std::uint64_t, 16),
    CUJITSU_SOFTGPU_PAIR_ROW(unpack, b128, 2, unpack128),
    CUJITSU_SOFTGPU_LOGIC_ROWS(logic_and, And),
    CUJITSU_SOFTGPU_LOGIC_ROWS(logic_or, Or),
    CUJITSU_SOFTGPU_LOGIC_ROWS(logic_xor, Xor),
    row<Not<U16>>(IntegerFamily::logic_not, Type::b16),
    row<Not<U32>>(IntegerFamily::logic_not, Type::b32),
    row<Not<U64>>(IntegerFamily::logic_not, Type::b64),
    row<Cnot<U32>>(IntegerFamily::cnot, Type::b32),
    row<Cnot<U64>>(IntegerFamily::cnot, Type::b64),
    CUJITSU_SOFTGPU_PAIR_ROW(selp, b32, 0, select, std::uint32_t),
    CUJITSU_SOFTGPU_PAIR_ROW(selp, b64, 0, select, std::uint64_t),
    CUJITSU_SOFTGPU_SLCT_ROWS(std::uint32_t, b32),
    CUJITSU_SOFTGPU_SLCT_ROWS(std::uint64_t, b64),
    CUJITSU_SOFTGPU_PAIR_ROW(lop3, b32, 0, lookup),
    CUJITSU_SOFTGPU_PAIR_ROW(lop3, b32, lop3_test_variant, lookup_and_test),
};

}  // namespace

constinit const HandlerTable integer_move_table{entries, sizeof entries / sizeof entries[0]};

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
