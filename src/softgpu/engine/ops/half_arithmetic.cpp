// SPDX-License-Identifier: MIT
// add, sub, mul and fma of f16, bf16 and their pairs. Built once for each instruction set.
#include "softgpu/engine/ops/float_keys.hpp"
#include "softgpu/engine/ops/float_sum.hpp"
#include "softgpu/engine/ops/half_round.hpp"

#include <cstdint>

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {
namespace {

// In float, 24 bits, sums and products of 11 or 8 bits may be rounded twice without harm. What `of` answers is to be
// rounded to F.
struct Add {
  static constexpr unsigned arity = 2;
  template <class F>
  [[gnu::always_inline]] static float of(float a, float b, float) {
    return a + b;
  }
};
struct Sub {
  static constexpr unsigned arity = 2;
  template <class F>
  [[gnu::always_inline]] static float of(float a, float b, float) {
    return a - b;
  }
};
struct Mul {
  static constexpr unsigned arity = 2;
  template <class F>
  [[gnu::always_inline]] static float of(float a, float b, float) {
    return a * b;
  }
};
struct Fma {
  static constexpr unsigned arity = 3;
  template <class F>
  [[gnu::always_inline]] static float of(float a, float b, float c) {
    if constexpr (F::mantissa_bits == F16::mantissa_bits) return odd_fma<float>(a, b, c);
    return odd_float(odd_fma<double>(a, b, c));
  }
};

/// .ftz of a result, which only f16 has: tiny is what stays below 2^-14 when it is rounded to 11 bits with an unbounded
/// exponent, so what is less than 2^-14 - 2^-26, from where on that rounding leads to 2^-14.
inline constexpr std::int32_t least_result = 0x387ff000;

/// A number whose magnitude is below `least` becomes the zero of its sign.
template <class F>
[[gnu::always_inline]] inline std::uint32_t kept_from(std::int32_t least, std::uint32_t bits) noexcept {
  return static_cast<std::int32_t>(magnitude_of<F>(bits)) < least ? bits & F::sign : bits;
}

template <class F, class Op, bool Pair, bool Extras>
struct HalfArithmetic {
  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    const std::uint32_t* a = slot<std::uint32_t>(warp, in->a);
    const std::uint32_t* b = slot<std::uint32_t>(warp, in->b);
    const std::uint32_t* c = Op::arity > 2 ? slot<std::uint32_t>(warp, in->c) : a;
    // The modifiers as bounds and a mask, once for all lanes.
    const bool flush = (in->code & extra_flush) != 0;
    const bool saturate = (in->code & extra_saturate) != 0;
    const std::int32_t least_in = flush ? static_cast<std::int32_t>(F::least_normal) : 0;
    const std::int32_t least_out = flush ? least_result : 0;
    const auto most = static_cast<std::int32_t>(saturate ? F::one : F::canonical);
    const std::uint32_t zeroing = (in->code & (extra_saturate | extra_relu)) != 0 ? F::sign : 0;
    const auto last = static_cast<std::int32_t>(saturate ? F::infinity : F::sign | F::canonical);
    const auto element = [&](std::uint32_t x, std::uint32_t y, std::uint32_t z) __attribute__((always_inline)) {
      if constexpr (!Extras) return nearest<F>(Op::template of<F>(F::real(x), F::real(y), F::real(z)));
      const auto real = [&](std::uint32_t bits) __attribute__((always_inline)) {
        return F::real(kept_from<F>(least_in, bits));
      };
      const std::uint32_t exact = bits_of(Op::template of<F>(real(x), real(y), real(z)));
      const std::uint32_t result = nearest<F>(as_float(kept_from<F32>(least_out, exact)));
      const std::uint32_t below = static_cast<std::int32_t>(result & (F::sign - 1)) > most ? F::one : result;
      const bool nothing = (result & zeroing) != 0 || static_cast<std::int32_t>(result) > last;
      return nothing ? 0u : below;
    };
    write_lanes<Masked>(
        warp, slot<std::uint32_t>(warp, in->d), [&](unsigned lane) __attribute__((always_inline)) {
          const std::uint32_t low = element(a[lane] & 0xffff, b[lane] & 0xffff, c[lane] & 0xffff);
          if constexpr (!Pair) return low;
          return low | element(a[lane] >> 16, b[lane] >> 16, c[lane] >> 16) << 16;
        });
    return in + 1;
  }
};

template <class F, class Op, bool Pair, bool Extras>
constexpr HandlerEntry entry(FloatOp op, ptx::Type type) {
  return {float_key(op, type, Extras ? variant_extras : 0u), handlers_of<HalfArithmetic<F, Op, Pair, Extras>>};
}

#define CUJITSU_EACH(op, Op)                                                                                           \
  entry<F16, Op, false, false>(FloatOp::op, ptx::Type::f16), entry<F16, Op, false, true>(FloatOp::op, ptx::Type::f16), \
      entry<F16, Op, true, false>(FloatOp::op, ptx::Type::f16x2),                                                      \
      entry<F16, Op, true, true>(FloatOp::op, ptx::Type::f16x2),                                                       \
      entry<BF16, Op, false, false>(FloatOp::op, ptx::Type::bf16),                                                     \
      entry<BF16, Op, false, true>(FloatOp::op, ptx::Type::bf16),                                                      \
      entry<BF16, Op, true, false>(FloatOp::op, ptx::Type::bf16x2),                                                    \
      entry<BF16, Op, true, true>(FloatOp::op, ptx::Type::bf16x2)

constexpr HandlerEntry entries[] = {CUJITSU_EACH(add, Add), CUJITSU_EACH(sub, Sub), CUJITSU_EACH(mul, Mul),
                                    CUJITSU_EACH(fma, Fma)};
#undef CUJITSU_EACH

}  // namespace

constinit const HandlerTable half_arithmetic_table{entries, sizeof entries / sizeof entries[0]};

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
