// SPDX-License-Identifier: MIT
// setp and set of floating-point values. Built once for each instruction set.
#include "softgpu/engine/ops/float_bits.hpp"
#include "softgpu/engine/ops/float_keys.hpp"

#include <cstdint>

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {
namespace {

template <FloatCompare Compare, class T>
[[gnu::always_inline]] inline bool holds(T a, T b) noexcept {
  switch (Compare) {
    case FloatCompare::eq: return a == b;
    case FloatCompare::ne: return a < b || a > b;
    case FloatCompare::lt: return a < b;
    case FloatCompare::le: return a <= b;
    case FloatCompare::gt: return a > b;
    case FloatCompare::ge: return a >= b;
    case FloatCompare::equ: return !(a < b || a > b);
    case FloatCompare::neu: return !(a == b);
    case FloatCompare::ltu: return !(a >= b);
    case FloatCompare::leu: return !(a > b);
    case FloatCompare::gtu: return !(a <= b);
    case FloatCompare::geu: return !(a < b);
    case FloatCompare::num: return a == a && b == b;
    case FloatCompare::nan: return a != a || b != b;
  }
  return false;
}

/// setp.CmpOp{.ftz}.type p, a, b
template <class F, FloatCompare Compare, bool Flush>
struct Setp {
  using Bits = typename F::Bits;
  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    const Bits* a = slot<Bits>(warp, in->a);
    const Bits* b = slot<Bits>(warp, in->b);
    write_lanes<Masked>(
        warp, slot<std::uint32_t>(warp, in->d), [&](unsigned lane) __attribute__((always_inline)) {
          const Bits x = Flush ? flushed<F>(a[lane]) : a[lane];
          const Bits y = Flush ? flushed<F>(b[lane]) : b[lane];
          return holds<Compare>(F::real(x), F::real(y)) ? 0xffffffffu : 0u;
        });
    return in + 1;
  }
};

/// The rest of what an instruction says, once for all lanes.
struct Combination {
  [[gnu::always_inline]] explicit Combination(std::uint32_t code)
      : relations(code & 15),
        conjunction((code & compare_and) != 0 ? 0xffffffff : 0),
        disjunction((code & (compare_or | compare_xor)) != 0 ? 0xffffffff : 0),
        both((code & compare_xor) != 0 ? 0 : 0xffffffff),
        negation((code & compare_negated) != 0 ? 0xffffffff : 0),
        combines((code & (compare_and | compare_or | compare_xor)) != 0),
        flush((code & compare_flush) != 0) {}

  /// All ones or 0: a's relation to b is one of those asked for.
  template <class F>
  [[gnu::always_inline]] std::uint32_t compare(typename F::Bits a, typename F::Bits b) const noexcept {
    const auto x = F::real(flush ? flushed<F>(a) : a);
    const auto y = F::real(flush ? flushed<F>(b) : b);
    std::uint32_t relation = relation_unordered;
    relation = x < y ? relation_less : relation;
    relation = x == y ? relation_equal : relation;
    relation = x > y ? relation_greater : relation;
    return (relation & relations) != 0 ? 0xffffffffu : 0u;
  }

  /// BoolOp(t, c). Without one c must be 0.
  [[gnu::always_inline]] std::uint32_t combined(std::uint32_t t, std::uint32_t c) const noexcept {
    const std::uint32_t given = combines ? c ^ negation : 0;
    const std::uint32_t either = (t ^ given) | (t & given & both);  // or, xor
    const std::uint32_t chosen = disjunction != 0 ? either : t;
    return conjunction != 0 ? t & given : chosen;
  }

  std::uint32_t relations, conjunction, disjunction, both, negation;
  bool combines, flush;
};

/// setp with .BoolOp, with two results, or of pairs (whose two results are the halves').
template <class F, bool Pair, bool Two>
struct Compare {
  using Bits = typename F::Bits;
  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    const Combination how(in->code);
    const Bits* a = slot<Bits>(warp, in->a);
    const Bits* b = slot<Bits>(warp, in->b);
    std::uint32_t* p = slot<std::uint32_t>(warp, in->d);
    const std::uint32_t* c = how.combines ? slot<std::uint32_t>(warp, in->c) : p;
    std::uint32_t* q = Two ? slot<std::uint32_t>(warp, in->f) : p;
    const std::uint32_t* mask = warp.mask;
    for_lanes([&](unsigned lane) __attribute__((always_inline)) {
      const Bits x = a[lane];
      const Bits y = b[lane];
      const std::uint32_t t = Pair ? how.compare<F>(x & 0xffff, y & 0xffff) : how.compare<F>(x, y);
      const std::uint32_t given = c[lane];
      const std::uint32_t first = how.combined(t, given);
      const std::uint32_t second = how.combined(Pair ? how.compare<F>(x >> 16, y >> 16) : ~t, given);
      const std::uint32_t old_p = p[lane];
      const std::uint32_t old_q = q[lane];
      const bool write = !Masked || mask[lane] != 0;
      p[lane] = write ? first : old_p;
      if constexpr (Two) q[lane] = write ? second : old_q;
    });
    return in + 1;
  }
};

/// set.CmpOp{.BoolOp}{.ftz}.dtype.stype: Instruction::immediate is what stands for true (in each half of a pair).
template <class F, bool Pair>
struct Set {
  using Bits = typename F::Bits;
  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    const Combination how(in->code);
    const Bits* a = slot<Bits>(warp, in->a);
    const Bits* b = slot<Bits>(warp, in->b);
    std::uint32_t* d = slot<std::uint32_t>(warp, in->d);
    const std::uint32_t* c = how.combines ? slot<std::uint32_t>(warp, in->c) : d;
    const auto yes = static_cast<std::uint32_t>(in->immediate);
    write_lanes<Masked>(
        warp, d, [&](unsigned lane) __attribute__((always_inline)) {
          const Bits x = a[lane];
          const Bits y = b[lane];
          const std::uint32_t low =
              how.combined(Pair ? how.compare<F>(x & 0xffff, y & 0xffff) : how.compare<F>(x, y), c[lane]);
          if constexpr (!Pair) return low & yes;
          return (low & yes) | (how.combined(how.compare<F>(x >> 16, y >> 16), c[lane]) & yes) << 16;
        });
    return in + 1;
  }
};

using ptx::Type;

template <class F, FloatCompare How, bool Flush>
constexpr HandlerEntry plain(Type type) {
  return {float_key(FloatOp::setp, Type::pred, type, Flush ? variant_flushed : 0u, static_cast<std::uint32_t>(How)),
          handlers_of<Setp<F, How, Flush>>};
}

#define CUJITSU_PLAIN(F, type, Flush)                                                     \
  plain<F, FloatCompare::eq, Flush>(type), plain<F, FloatCompare::ne, Flush>(type),       \
      plain<F, FloatCompare::lt, Flush>(type), plain<F, FloatCompare::le, Flush>(type),   \
      plain<F, FloatCompare::gt, Flush>(type), plain<F, FloatCompare::ge, Flush>(type),   \
      plain<F, FloatCompare::equ, Flush>(type), plain<F, FloatCompare::neu, Flush>(type), \
      plain<F, FloatCompare::ltu, Flush>(type), plain<F, FloatCompare::leu, Flush>(type), \
      plain<F, FloatCompare::gtu, Flush>(type), plain<F, FloatCompare::geu, Flush>(type), \
      plain<F, FloatCompare::num, Flush>(type), plain<F, FloatCompare::nan, Flush>(type)
#define CUJITSU_GENERAL(F, type, Pair)                                                                      \
  {float_key(FloatOp::compare, Type::pred, type), handlers_of<Compare<F, Pair, false>>},                    \
      {float_key(FloatOp::compare, Type::pred, type, variant_pair), handlers_of<Compare<F, Pair, true>>}, { \
    float_key(FloatOp::set, Type::none, type), handlers_of<Set<F, Pair>>                                    \
  }

constexpr HandlerEntry entries[] = {
    CUJITSU_PLAIN(F32, Type::f32, false),      CUJITSU_PLAIN(F32, Type::f32, true),
    CUJITSU_PLAIN(F64, Type::f64, false),      CUJITSU_GENERAL(F32, Type::f32, false),
    CUJITSU_GENERAL(F64, Type::f64, false),    CUJITSU_GENERAL(F16, Type::f16, false),
    CUJITSU_GENERAL(F16, Type::f16x2, true),   CUJITSU_GENERAL(BF16, Type::bf16, false),
    CUJITSU_GENERAL(BF16, Type::bf16x2, true),
};
#undef CUJITSU_PLAIN
#undef CUJITSU_GENERAL

}  // namespace

constinit const HandlerTable float_compare_table{entries, sizeof entries / sizeof entries[0]};

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
