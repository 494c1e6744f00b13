// SPDX-License-Identifier: MIT
// The handlers of approximate operations. Built once for each instruction set.
#include "softgpu/engine/ops/approx_float.hpp"
#include "softgpu/engine/ops/float_keys.hpp"
#include "softgpu/engine/ops/half_round.hpp"

#include <cstdint>

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {
namespace {

template <class Op, bool Flush>
struct Unary {
  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    const std::uint32_t* a = slot<std::uint32_t>(warp, in->a);
    write_lanes<Masked>(
        warp, slot<std::uint32_t>(warp, in->d), [&](unsigned lane) __attribute__((always_inline)) {
          if constexpr (!Flush) return Op::of(a[lane]);
          return flushed<F32>(Op::of(flushed<F32>(a[lane])));
        });
    return in + 1;
  }
};

/// div.approx and div.full: the quotient, correctly rounded. div.approx multiplies by a reciprocal, which is flushed where
/// the divisor is above 2^126, with .ftz or without.
template <bool Approximate, bool Flush>
struct Quotient {
  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    const std::uint32_t* a = slot<std::uint32_t>(warp, in->a);
    const std::uint32_t* b = slot<std::uint32_t>(warp, in->b);
    write_lanes<Masked>(
        warp, slot<std::uint32_t>(warp, in->d), [&](unsigned lane) __attribute__((always_inline)) {
          const std::uint32_t x = Flush ? flushed<F32>(a[lane]) : a[lane];
          const std::uint32_t y = Flush ? flushed<F32>(b[lane]) : b[lane];
          const float divided = as_float(x) / as_float(y);
          const std::uint32_t magnitude = y & 0x7fffffff;
          const bool huge = static_cast<std::int32_t>(magnitude) > static_cast<std::int32_t>(0x7e800000) &&
                            static_cast<std::int32_t>(magnitude) < static_cast<std::int32_t>(F32::infinity);
          const float zeroed = as_float(x) * as_float(y & F32::sign);
          const std::uint32_t result = canonical<F32>(bits_of(Approximate && huge ? zeroed : divided));
          return Flush ? flushed<F32>(result) : result;
        });
    return in + 1;
  }
};

/// rsqrt.approx.f64: a full result.
struct RsqrtDouble {
  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    const std::uint64_t* a = slot<std::uint64_t>(warp, in->a);
    write_lanes<Masked>(
        warp, slot<std::uint64_t>(warp, in->d), [&](unsigned lane) __attribute__((always_inline)) {
          return with_nan(1.0 / __builtin_sqrt(as_double(a[lane])), a[lane], a[lane]);
        });
    return in + 1;
  }
};

/// rcp.approx.ftz.f64, rsqrt.approx.ftz.f64: 20 bits, of the high word only.
template <bool Root>
struct Seed {
  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    const std::uint64_t* a = slot<std::uint64_t>(warp, in->a);
    constexpr std::uint64_t high = 0xffffffff00000000;
    write_lanes<Masked>(
        warp, slot<std::uint64_t>(warp, in->d), [&](unsigned lane) __attribute__((always_inline)) {
          const double x = as_double(flushed<F64>(a[lane] & high));
          const double value = 1.0 / (Root ? __builtin_sqrt(x) : x);
          const std::uint64_t bits = flushed<F64>(bits_of(value) & high);
          return value != value ? std::uint64_t{0x7fffffff00000000} : bits;
        });
    return in + 1;
  }
};

/// A float result to a 16-bit format: f16 is cut, bf16 rounded.
template <class F>
[[gnu::always_inline]] inline std::uint32_t narrowed(std::uint32_t result) noexcept {
  if constexpr (F::mantissa_bits == F16::mantissa_bits)
    return round_to<F, Rounding::zero>(static_cast<double>(as_float(result)));
  return nearest<F>(as_float(result));
}

/// ex2 and tanh of 16-bit formats: a result past f16's range is infinity, though others are cut.
template <class F, class Op, bool Pair, bool Flush>
struct HalfUnary {
  [[gnu::always_inline]] static std::uint32_t element(std::uint32_t bits) noexcept {
    const std::uint32_t wide = Op::of(bits_of(F::real(Flush ? flushed<F>(bits) : bits)));
    const bool over = F::mantissa_bits == F16::mantissa_bits && static_cast<std::int32_t>(wide) >= 0x47800000;  // 2^16
    const std::uint32_t result = over && !is_nan<F32>(wide) ? F::infinity : narrowed<F>(wide);
    return Flush ? flushed<F>(result) : result;
  }
  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    const std::uint32_t* a = slot<std::uint32_t>(warp, in->a);
    write_lanes<Masked>(
        warp, slot<std::uint32_t>(warp, in->d), [&](unsigned lane) __attribute__((always_inline)) {
          if constexpr (!Pair) return element(a[lane] & 0xffff);
          return element(a[lane] & 0xffff) | element(a[lane] >> 16) << 16;
        });
    return in + 1;
  }
};

using ptx::Type;

#define CUJITSU_UNARY(op, Op)                                                        \
  {float_key(FloatOp::op, Type::f32), handlers_of<Unary<Op, false>>}, {              \
    float_key(FloatOp::op, Type::f32, variant_flushed), handlers_of<Unary<Op, true>> \
  }

constexpr HandlerEntry entries[] = {
    CUJITSU_UNARY(ex2, Ex2),
    CUJITSU_UNARY(lg2, Lg2),
    CUJITSU_UNARY(sin, Sin),
    CUJITSU_UNARY(cos, Cos),
    CUJITSU_UNARY(tanh, Tanh),
    CUJITSU_UNARY(rsqrt, Rsqrt),
    CUJITSU_UNARY(approximate_rcp, ApproximateRcp),
    CUJITSU_UNARY(approximate_sqrt, ApproximateSqrt),
    {float_key(FloatOp::approximate_div, Type::f32), handlers_of<Quotient<true, false>>},
    {float_key(FloatOp::approximate_div, Type::f32, variant_flushed), handlers_of<Quotient<true, true>>},
    {float_key(FloatOp::full_div, Type::f32), handlers_of<Quotient<false, false>>},
    {float_key(FloatOp::full_div, Type::f32, variant_flushed), handlers_of<Quotient<false, true>>},
    {float_key(FloatOp::rsqrt, Type::f64), handlers_of<RsqrtDouble>},
    {float_key(FloatOp::seed_rcp, Type::f64), handlers_of<Seed<false>>},
    {float_key(FloatOp::seed_rsqrt, Type::f64), handlers_of<Seed<true>>},
    {float_key(FloatOp::ex2, Type::f16), handlers_of<HalfUnary<F16, Ex2, false, false>>},
    {float_key(FloatOp::ex2, Type::f16x2), handlers_of<HalfUnary<F16, Ex2, true, false>>},
    {float_key(FloatOp::ex2, Type::bf16, variant_flushed), handlers_of<HalfUnary<BF16, Ex2, false, true>>},
    {float_key(FloatOp::ex2, Type::bf16x2, variant_flushed), handlers_of<HalfUnary<BF16, Ex2, true, true>>},
    {float_key(FloatOp::tanh, Type::f16), handlers_of<HalfUnary<F16, Tanh, false, false>>},
    {float_key(FloatOp::tanh, Type::f16x2), handlers_of<HalfUnary<F16, Tanh, true, false>>},
    {float_key(FloatOp::tanh, Type::bf16), handlers_of<HalfUnary<BF16, Tanh, false, false>>},
    {float_key(FloatOp::tanh, Type::bf16x2), handlers_of<HalfUnary<BF16, Tanh, true, false>>},
};
#undef CUJITSU_UNARY

}  // namespace

constinit const HandlerTable approx_table{entries, sizeof entries / sizeof entries[0]};

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
