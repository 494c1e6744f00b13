// SPDX-License-Identifier: MIT
// add, sub, mul, fma, div, rcp and sqrt of f32 and f64 in every rounding. Built once for each instruction set.
#include "softgpu/engine/ops/float_bits.hpp"
#include "softgpu/engine/ops/float_keys.hpp"
#include "softgpu/engine/ops/float_sum.hpp"
#include "softgpu/engine/ops/fpenv.hpp"

#include <cstdint>

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {
namespace {

/// By which the operands of an operation are multiplied to find out whether its result is to be flushed; see below.
constexpr float scale = 0x1p100f;

// What each operation computes, and which operand's NaN an f64 result takes first. `scaled` is the same times `scale`;
// of sums, which are exact where they are small, and of roots, which are not small, there is none.
struct Add {
  static constexpr unsigned arity = 2;
  [[maybe_unused]] static constexpr bool may_round_to_normal = false;
  template <class T>
  [[gnu::always_inline]] static T of(T a, T b, T) {
    return a + b;
  }
  [[gnu::always_inline]] static std::uint64_t nan(double r, std::uint64_t a, std::uint64_t b, std::uint64_t) {
    return with_nan(r, b, a);
  }
};
struct Sub : Add {
  template <class T>
  [[gnu::always_inline]] static T of(T a, T b, T) {
    return a - b;
  }
};
struct Mul : Add {
  [[maybe_unused]] static constexpr bool may_round_to_normal = true;
  [[maybe_unused, gnu::always_inline]] static float scaled(float a, float b, float) { return a * scale * b; }
  template <class T>
  [[gnu::always_inline]] static T of(T a, T b, T) {
    return a * b;
  }
};
struct Div : Add {
  [[maybe_unused]] static constexpr bool may_round_to_normal = true;
  [[maybe_unused, gnu::always_inline]] static float scaled(float a, float b, float) { return a * scale / b; }
  template <class T>
  [[gnu::always_inline]] static T of(T a, T b, T) {
    return a / b;
  }
  [[gnu::always_inline]] static std::uint64_t nan(double r, std::uint64_t a, std::uint64_t b, std::uint64_t) {
    return with_nan(r, a, b);
  }
};
struct Fma {
  static constexpr unsigned arity = 3;
  [[maybe_unused]] static constexpr bool may_round_to_normal = true;
  [[maybe_unused, gnu::always_inline]] static float scaled(float a, float b, float c) {
    return __builtin_fmaf(a * scale, b, c * scale);
  }
  [[gnu::always_inline]] static float of(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
  [[gnu::always_inline]] static double of(double a, double b, double c) { return __builtin_fma(a, b, c); }
  [[gnu::always_inline]] static std::uint64_t nan(double r, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    return is_nan<F64>(b) ? b | F64::quiet : with_nan(r, c, a);
  }
};
struct Rcp {
  static constexpr unsigned arity = 1;
  [[maybe_unused]] static constexpr bool may_round_to_normal = true;
  [[maybe_unused, gnu::always_inline]] static float scaled(float a, float, float) { return scale / a; }
  template <class T>
  [[gnu::always_inline]] static T of(T a, T, T) {
    return 1 / a;
  }
  [[gnu::always_inline]] static std::uint64_t nan(double r, std::uint64_t a, std::uint64_t, std::uint64_t) {
    return with_nan(r, a, a);
  }
};
struct Sqrt : Rcp {
  [[maybe_unused]] static constexpr bool may_round_to_normal = false;
  [[gnu::always_inline]] static float of(float a, float, float) { return __builtin_sqrtf(a); }
  [[gnu::always_inline]] static double of(double a, double, double) { return __builtin_sqrt(a); }
};

template <class Op, bool Saturated>
[[gnu::always_inline]] inline std::uint32_t finished(float result) noexcept {
  if constexpr (Saturated) return saturated<F32>(bits_of(result));
  return result != result ? F32::canonical : bits_of(result);
}

/// What a GPU, and x86, flush: results that are below the least normal number when they are rounded as if there were no
/// end to exponents. One that the host has rounded up to that number, from among subnormals, may be below.
template <class Op>
[[gnu::always_inline]] inline std::uint32_t flushed_result(std::uint32_t out, float a, float b, float c) noexcept {
  constexpr std::uint32_t least_normal = 0x00800000, sign = 0x80000000;
  if constexpr (Op::may_round_to_normal)
    if ((out & ~sign) == least_normal && __builtin_fabsf(Op::scaled(a, b, c)) < 0x1p-126f * scale) return out & sign;
  return flushed<F32>(out);
}

template <class F, class Op, bool Moded, bool Saturated>
struct Arithmetic {
  using Bits = typename F::Bits;

  template <bool Masked>
  [[gnu::always_inline]] static void loop(Warp& warp, const Instruction* in, [[maybe_unused]] bool flush) {
    const Bits* a = slot<Bits>(warp, in->a);
    const Bits* b = Op::arity > 1 ? slot<Bits>(warp, in->b) : a;
    const Bits* c = Op::arity > 2 ? slot<Bits>(warp, in->c) : a;
    write_lanes<Masked>(
        warp, slot<Bits>(warp, in->d), [&](unsigned lane) __attribute__((always_inline))->Bits {
          if constexpr (sizeof(Bits) == 8) {
            const double result = Op::of(as_double(a[lane]), as_double(b[lane]), as_double(c[lane]));
            return Op::nan(result, a[lane], b[lane], c[lane]);
          } else if constexpr (Moded && !host_flushes) {
            const auto in_bits = [&](Bits bits) { return as_float(flush ? flushed<F32>(bits) : bits); };
            const float x = in_bits(a[lane]), y = in_bits(b[lane]), z = in_bits(c[lane]);
            const Bits out = finished<Op, Saturated>(Op::of(x, y, z));
            return flush ? flushed_result<Op>(out, x, y, z) : out;
          } else {
            return finished<Op, Saturated>(Op::of(as_float(a[lane]), as_float(b[lane]), as_float(c[lane])));
          }
        });
  }

  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    if constexpr (Moded) {
      const ModeScope scope(in->code);
      loop<Masked>(warp, in, (in->code & 4) != 0);
    } else {
      loop<Masked>(warp, in, false);
    }
    return in + 1;
  }
};

#if !defined(__FP_FAST_FMAF)
// Without the instruction: product and sum in double precision, the sum rounded to odd, so that the one rounding to f32
// which follows, in whatever direction, sees which side it lies on.
template <bool Moded, bool Saturated>
struct Arithmetic<F32, Fma, Moded, Saturated> {
  using Bits = std::uint32_t;

  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    const std::uint32_t* a = slot<std::uint32_t>(warp, in->a);
    const std::uint32_t* b = slot<std::uint32_t>(warp, in->b);
    const std::uint32_t* c = slot<std::uint32_t>(warp, in->c);
    const bool flush = Moded && (in->code & 4) != 0;
    alignas(64) double sums[warp_size];
    if (flush) {
      for_lanes([&](unsigned lane) {
        sums[lane] = odd_fma<double>(as_float(flushed<F32>(a[lane])), as_float(flushed<F32>(b[lane])),
                                     as_float(flushed<F32>(c[lane])));
      });
    } else {
      for_lanes([&](unsigned lane) {
        sums[lane] = odd_fma<double>(as_float(a[lane]), as_float(b[lane]), as_float(c[lane]));
      });
    }
    const auto round = [&]() __attribute__((always_inline)) {
      write_lanes<Masked>(warp, slot<std::uint32_t>(warp, in->d), [&](unsigned lane) {
        double sum = sums[lane];
        if constexpr (Moded) {  // the sign of a sum that cancels depends on the direction
          const double x = as_float(a[lane]), y = as_float(b[lane]), z = as_float(c[lane]);
          sum = sum == 0 ? x * y + z : sum;
        }
        const Bits out = finished<Fma, Saturated>(static_cast<float>(sum));
        if constexpr (Moded && !host_flushes)
          return flush && __builtin_fabsf(static_cast<float>(sum * scale)) < 0x1p-126f * scale ? out & 0x80000000 : out;
        return out;
      });
    };
    if constexpr (Moded) {
      const ModeScope scope(in->code);
      round();
    } else {
      round();
    }
    return in + 1;
  }
};
#endif

template <class F, class Op, bool Moded, bool Saturated>
constexpr HandlerEntry entry(FloatOp op, ptx::Type type) {
  return {float_key(op, type, (Moded ? variant_moded : 0u) | (Saturated ? variant_saturated : 0u)),
          handlers_of<Arithmetic<F, Op, Moded, Saturated>>};
}

#define CUJITSU_EACH(op, Op)                                                                                           \
  entry<F32, Op, false, false>(FloatOp::op, ptx::Type::f32), entry<F32, Op, true, false>(FloatOp::op, ptx::Type::f32), \
      entry<F32, Op, false, true>(FloatOp::op, ptx::Type::f32),                                                        \
      entry<F32, Op, true, true>(FloatOp::op, ptx::Type::f32),                                                         \
      entry<F64, Op, false, false>(FloatOp::op, ptx::Type::f64),                                                       \
      entry<F64, Op, true, false>(FloatOp::op, ptx::Type::f64)

constexpr HandlerEntry entries[] = {
    CUJITSU_EACH(add, Add), CUJITSU_EACH(sub, Sub), CUJITSU_EACH(mul, Mul),   CUJITSU_EACH(fma, Fma),
    CUJITSU_EACH(div, Div), CUJITSU_EACH(rcp, Rcp), CUJITSU_EACH(sqrt, Sqrt),
};
#undef CUJITSU_EACH

}  // namespace

constinit const HandlerTable float_arithmetic_table{entries, sizeof entries / sizeof entries[0]};

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
