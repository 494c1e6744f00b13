// SPDX-License-Identifier: MIT
// setp and set of integers. Built for each instruction set.
#include "softgpu/engine/ops/integer_lanes.hpp"

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {
namespace {

using ptx::Type;

template <class T>
struct Equal {
  using Word = typename T::Word;
  [[gnu::always_inline]] static std::uint32_t run(Word a, Word b) { return T::load(a) == T::load(b) ? ~0u : 0u; }
};
template <class T>
struct NotEqual {
  using Word = typename T::Word;
  [[gnu::always_inline]] static std::uint32_t run(Word a, Word b) { return T::load(a) != T::load(b) ? ~0u : 0u; }
};
template <class T>
struct Less {
  using Word = typename T::Word;
  [[gnu::always_inline]] static std::uint32_t run(Word a, Word b) { return T::load(a) < T::load(b) ? ~0u : 0u; }
};
template <class T>
struct LessEqual {
  using Word = typename T::Word;
  [[gnu::always_inline]] static std::uint32_t run(Word a, Word b) { return T::load(a) <= T::load(b) ? ~0u : 0u; }
};
template <class T>
struct Greater {
  using Word = typename T::Word;
  [[gnu::always_inline]] static std::uint32_t run(Word a, Word b) { return T::load(a) > T::load(b) ? ~0u : 0u; }
};
template <class T>
struct GreaterEqual {
  using Word = typename T::Word;
  [[gnu::always_inline]] static std::uint32_t run(Word a, Word b) { return T::load(a) >= T::load(b) ? ~0u : 0u; }
};

template <class Compare, bool Masked>
const Instruction* combined(Warp& warp, const Instruction* in) {
  using Word = typename Compare::Word;
  const Word* a = slot<Word>(warp, in->a);
  const Word* b = slot<Word>(warp, in->b);
  const std::uint32_t* c = slot<std::uint32_t>(warp, in->c);
  const Combiner combiner(in->code);
  write_lanes<Masked>(warp, slot<std::uint32_t>(warp, in->d),
                      [=](unsigned lane) { return combiner.run(Compare::run(a[lane], b[lane]), c[lane]); });
  return in + 1;
}

/// set: the comparison chooses between 0 and the type's "true".
template <class Compare, bool Masked>
const Instruction* chosen(Warp& warp, const Instruction* in) {
  using Word = typename Compare::Word;
  const Word* a = slot<Word>(warp, in->a);
  const Word* b = slot<Word>(warp, in->b);
  const std::uint32_t* c = slot<std::uint32_t>(warp, in->c);
  const Combiner combiner(in->code);
  const auto truth = static_cast<std::uint32_t>(in->immediate);
  write_lanes<Masked>(warp, slot<std::uint32_t>(warp, in->d),
                      [=](unsigned lane) { return combiner.run(Compare::run(a[lane], b[lane]), c[lane]) & truth; });
  return in + 1;
}

/// setp d|f: f gets the opposite comparison, combined the same way.
template <class Compare, bool Masked>
const Instruction* both(Warp& warp, const Instruction* in) {
  using Word = typename Compare::Word;
  std::uint32_t* d = slot<std::uint32_t>(warp, in->d);
  std::uint32_t* f = slot<std::uint32_t>(warp, in->f);
  const Word* a = slot<Word>(warp, in->a);
  const Word* b = slot<Word>(warp, in->b);
  const std::uint32_t* c = slot<std::uint32_t>(warp, in->c);
  const std::uint32_t* mask = warp.mask;
  const Combiner combiner(in->code);
  for_lanes([=](unsigned lane) {
    const std::uint32_t compared = Compare::run(a[lane], b[lane]);
    const std::uint32_t other = c[lane];
    const std::uint32_t first = combiner.run(compared, other);
    const std::uint32_t second = combiner.run(~compared, other);
    d[lane] = !Masked || mask[lane] != 0 ? first : d[lane];
    f[lane] = !Masked || mask[lane] != 0 ? second : f[lane];
  });
  return in + 1;
}

#define CUJITSU_SOFTGPU_COMPARE_ROW(family, Compare, type)                                                         \
  row<Compare>(IntegerFamily::family, Type::type, compare_plain),                                                  \
      HandlerEntry{integer_key(IntegerFamily::family, Type::type, compare_combined),                               \
                   {combined<Compare, false>, combined<Compare, true>}},                                           \
      HandlerEntry{integer_key(IntegerFamily::family, Type::type, compare_pair),                                   \
                   {both<Compare, false>, both<Compare, true>}},                                                   \
      HandlerEntry {                                                                                               \
    integer_key(IntegerFamily::family, Type::type, compare_set), { chosen<Compare, false>, chosen<Compare, true> } \
  }
#define CUJITSU_SOFTGPU_EQUALITY_ROWS(T, type) \
  CUJITSU_SOFTGPU_COMPARE_ROW(compare_eq, Equal<T>, type), CUJITSU_SOFTGPU_COMPARE_ROW(compare_ne, NotEqual<T>, type)
#define CUJITSU_SOFTGPU_ORDER_ROWS(T, type)                                                                            \
  CUJITSU_SOFTGPU_COMPARE_ROW(compare_lt, Less<T>, type), CUJITSU_SOFTGPU_COMPARE_ROW(compare_le, LessEqual<T>, type), \
      CUJITSU_SOFTGPU_COMPARE_ROW(compare_gt, Greater<T>, type),                                                       \
      CUJITSU_SOFTGPU_COMPARE_ROW(compare_ge, GreaterEqual<T>, type)

constexpr HandlerEntry entries[] = {
    CUJITSU_SOFTGPU_EQUALITY_ROWS(U16, u16), CUJITSU_SOFTGPU_EQUALITY_ROWS(U32, u32),
    CUJITSU_SOFTGPU_EQUALITY_ROWS(U64, u64), CUJITSU_SOFTGPU_ORDER_ROWS(U16, u16),
    CUJITSU_SOFTGPU_ORDER_ROWS(S16, s16),    CUJITSU_SOFTGPU_ORDER_ROWS(U32, u32),
    CUJITSU_SOFTGPU_ORDER_ROWS(S32, s32),    CUJITSU_SOFTGPU_ORDER_ROWS(U64, u64),
    CUJITSU_SOFTGPU_ORDER_ROWS(S64, s64),
};

}  // namespace

constinit const HandlerTable integer_compare_table{entries, sizeof entries / sizeof entries[0]};

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
