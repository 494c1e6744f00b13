// SPDX-License-Identifier: MIT
// min, max, abs, neg, copysign and testp: what looks at bits and rounds nothing. Built once for each instruction set.
#include "softgpu/engine/ops/float_bits.hpp"
#include "softgpu/engine/ops/float_keys.hpp"

#include <cstdint>

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {
namespace {

/// A signed integer that orders as the number does, -0 before +0. 16-bit formats are ordered with their sign extended.
template <class F>
[[gnu::always_inline]] inline typename F::Signed ordered(typename F::Bits bits) noexcept {
  using Signed = typename F::Signed;
  const auto magnitude = static_cast<Signed>(magnitude_of<F>(bits));
  return (bits & F::sign) != 0 ? static_cast<Signed>(~magnitude) : magnitude;
}

template <class F, bool Largest>
[[gnu::always_inline]] inline typename F::Bits numbers_extreme(typename F::Bits a, typename F::Bits b) noexcept {
  const bool less = ordered<F>(a) < ordered<F>(b);
  return less != Largest ? a : b;
}

/// The number wins over a NaN; of two NaNs the second (in f64, where they differ).
template <class F, bool Largest>
[[gnu::always_inline]] inline typename F::Bits extreme(typename F::Bits a, typename F::Bits b) noexcept {
  const auto best = numbers_extreme<F, Largest>(a, b);
  const auto without_b = is_nan<F>(b) ? a : best;
  return canonical<F>(is_nan<F>(a) ? b : without_b);
}

/// Applies `element` to a lane's one value or to its two halves.
template <bool Pair, class Bits, class Element>
[[gnu::always_inline]] inline Bits each(Bits a, Bits b, Bits c, Element element) noexcept {
  if constexpr (Pair) {
    return element(a & 0xffff, b & 0xffff, c & 0xffff) | element(a >> 16, b >> 16, c >> 16) << 16;
  } else {
    return element(a, b, c);
  }
}

template <class F, bool Largest, bool Pair>
struct Extreme {
  using Bits = typename F::Bits;
  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    const Bits* a = slot<Bits>(warp, in->a);
    const Bits* b = slot<Bits>(warp, in->b);
    write_lanes<Masked>(
        warp, slot<Bits>(warp, in->d), [&](unsigned lane) __attribute__((always_inline)) {
          return each<Pair>(
              a[lane], b[lane], Bits{},
              [](Bits x, Bits y, Bits) __attribute__((always_inline)) { return extreme<F, Largest>(x, y); });
        });
    return in + 1;
  }
};

/// With any of .ftz, .NaN, .xorsign.abs, .abs and a third operand.
template <class F, bool Largest, bool Pair>
struct ExtremeExtras {
  using Bits = typename F::Bits;

  using Signed = typename F::Signed;

  /// The modifiers as masks and a bound, once for all lanes.
  struct How {
    Bits keep;      ///< of the operands' bits
    Bits sign;      ///< of the product's sign
    Signed poison;  ///< a magnitude above it makes the result NaN
  };

  [[gnu::always_inline]] static Bits combine(How how, Bits a, Bits b) noexcept {
    const Bits best = extreme<F, Largest>(a & how.keep, b & how.keep) | ((a ^ b) & how.sign);
    const Bits first = static_cast<Signed>(magnitude_of<F>(a)) > how.poison ? F::canonical : best;
    const Bits second = static_cast<Signed>(magnitude_of<F>(b)) > how.poison ? F::canonical : first;
    return canonical<F>(second);
  }

  template <bool Masked, bool Three>
  [[gnu::always_inline]] static void loop(Warp& warp, const Instruction* in) {
    const std::uint32_t code = in->code;
    const Bits* a = slot<Bits>(warp, in->a);
    const Bits* b = slot<Bits>(warp, in->b);
    const Bits* c = Three ? slot<Bits>(warp, in->c) : b;
    const Bits all = F::sign | (F::sign - 1);
    const How how = {(code & (extra_xorsign | extra_abs)) != 0 ? all ^ F::sign : all,
                     (code & extra_xorsign) != 0 ? F::sign : 0,
                     static_cast<Signed>((code & extra_nan) != 0 ? F::infinity : F::sign - 1)};
    const auto least = static_cast<Signed>((code & extra_flush) != 0 ? F::least_normal : 0);
    const auto taken = [&](Bits x) __attribute__((always_inline)) {
      return static_cast<Signed>(magnitude_of<F>(x)) < least ? x & F::sign : x;
    };
    write_lanes<Masked>(
        warp, slot<Bits>(warp, in->d), [&](unsigned lane) __attribute__((always_inline)) {
          return each<Pair>(
              a[lane], b[lane], c[lane], [&](Bits x, Bits y, Bits z) __attribute__((always_inline)) {
                const Bits two = combine(how, taken(x), taken(y));
                if constexpr (Three)
                  return combine(how, two, taken(z));
                else
                  return two;
              });
        });
  }

  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    if ((in->code & extra_three) != 0)
      loop<Masked, true>(warp, in);
    else
      loop<Masked, false>(warp, in);
    return in + 1;
  }
};

struct Abs {
  template <class F>
  [[gnu::always_inline]] static typename F::Bits of(typename F::Bits a) {
    return magnitude_of<F>(a);
  }
};
struct Neg {
  template <class F>
  [[gnu::always_inline]] static typename F::Bits of(typename F::Bits a) {
    return a ^ F::sign;
  }
};

template <class F, class Op, bool Pair, bool Flush>
struct Signs {
  using Bits = typename F::Bits;
  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    const Bits* a = slot<Bits>(warp, in->a);
    write_lanes<Masked>(
        warp, slot<Bits>(warp, in->d), [&](unsigned lane) __attribute__((always_inline)) {
          return each<Pair>(
              a[lane], Bits{}, Bits{}, [](Bits x, Bits, Bits) __attribute__((always_inline)) {
                const Bits value = Flush ? flushed<F>(x) : x;
                // A NaN keeps its sign in f64 and is the canonical one elsewhere.
                return is_nan<F>(value) ? canonical<F>(value) : Op::template of<F>(value);
              });
        });
    return in + 1;
  }
};

template <class F>
struct Copysign {
  using Bits = typename F::Bits;
  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    const Bits* a = slot<Bits>(warp, in->a);
    const Bits* b = slot<Bits>(warp, in->b);
    write_lanes<Masked>(warp, slot<Bits>(warp, in->d), [&](unsigned lane) {
      return static_cast<Bits>((a[lane] & F::sign) | magnitude_of<F>(b[lane]));
    });
    return in + 1;
  }
};

template <class F>
struct Testp {
  using Bits = typename F::Bits;
  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    const Bits* a = slot<Bits>(warp, in->a);
    // Each property is a range of magnitudes.
    Bits first = 0;
    Bits last = F::sign - 1;
    switch (static_cast<FloatProperty>(in->code)) {
      case FloatProperty::finite: last = F::infinity - 1; break;
      case FloatProperty::infinite: first = last = F::infinity; break;
      case FloatProperty::number: last = F::infinity; break;
      case FloatProperty::notanumber: first = F::infinity + 1; break;
      case FloatProperty::normal: first = F::least_normal, last = F::infinity - 1; break;  // and zero, see below
      case FloatProperty::subnormal: first = 1, last = F::least_normal - 1; break;
    }
    using Signed = typename F::Signed;
    // To a GPU zero is normal.
    const auto also = static_cast<Signed>(static_cast<FloatProperty>(in->code) == FloatProperty::normal ? 0 : first);
    write_lanes<Masked>(warp, slot<std::uint32_t>(warp, in->d), [&](unsigned lane) {
      const auto magnitude = static_cast<Signed>(magnitude_of<F>(a[lane]));
      const bool holds = magnitude >= static_cast<Signed>(first) && magnitude <= static_cast<Signed>(last);
      return holds || magnitude == also ? 0xffffffffu : 0u;
    });
    return in + 1;
  }
};

using ptx::Type;

#define CUJITSU_EXTREMES(F, type, Pair)                                                              \
  {float_key(FloatOp::min, type), handlers_of<Extreme<F, false, Pair>>},                             \
      {float_key(FloatOp::max, type), handlers_of<Extreme<F, true, Pair>>},                          \
      {float_key(FloatOp::min, type, variant_extras), handlers_of<ExtremeExtras<F, false, Pair>>}, { \
    float_key(FloatOp::max, type, variant_extras), handlers_of<ExtremeExtras<F, true, Pair>>         \
  }
#define CUJITSU_SIGNS(F, type, Pair, Flush)                                                                 \
  {float_key(FloatOp::abs, type, Flush ? variant_flushed : 0u), handlers_of<Signs<F, Abs, Pair, Flush>>}, { \
    float_key(FloatOp::neg, type, Flush ? variant_flushed : 0u), handlers_of<Signs<F, Neg, Pair, Flush>>    \
  }

constexpr HandlerEntry entries[] = {
    CUJITSU_EXTREMES(F32, Type::f32, false),
    CUJITSU_EXTREMES(F16, Type::f16, false),
    CUJITSU_EXTREMES(F16, Type::f16x2, true),
    CUJITSU_EXTREMES(BF16, Type::bf16, false),
    CUJITSU_EXTREMES(BF16, Type::bf16x2, true),
    {float_key(FloatOp::min, Type::f64), handlers_of<Extreme<F64, false, false>>},
    {float_key(FloatOp::max, Type::f64), handlers_of<Extreme<F64, true, false>>},
    CUJITSU_SIGNS(F32, Type::f32, false, false),
    CUJITSU_SIGNS(F32, Type::f32, false, true),
    CUJITSU_SIGNS(F64, Type::f64, false, false),
    CUJITSU_SIGNS(F16, Type::f16, false, false),
    CUJITSU_SIGNS(F16, Type::f16, false, true),
    CUJITSU_SIGNS(F16, Type::f16x2, true, false),
    CUJITSU_SIGNS(F16, Type::f16x2, true, true),
    CUJITSU_SIGNS(BF16, Type::bf16, false, false),
    CUJITSU_SIGNS(BF16, Type::bf16x2, true, false),
    {float_key(FloatOp::copysign, Type::f32), handlers_of<Copysign<F32>>},
    {float_key(FloatOp::copysign, Type::f64), handlers_of<Copysign<F64>>},
    {float_key(FloatOp::testp, Type::f32), handlers_of<Testp<F32>>},
    {float_key(FloatOp::testp, Type::f64), handlers_of<Testp<F64>>},
};
#undef CUJITSU_EXTREMES
#undef CUJITSU_SIGNS

}  // namespace

constinit const HandlerTable float_minmax_table{entries, sizeof entries / sizeof entries[0]};

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
