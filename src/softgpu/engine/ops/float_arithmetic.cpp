// SPDX-License-Identifier: MIT
// add, sub, mul, fma, div, rcp and sqrt of f32 and f64 in every rounding. Built once for each instruction set.
#include "softgpu/engine/ops/float_bits.hpp"
#include "softgpu/engine/ops/float_keys.hpp"
#include "softgpu/engine/ops/float_sum.hpp"
#include "softgpu/engine/ops/fpenv.hpp"

#include <cstdint>

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {
namespace {

// What each operation computes, and which operand's NaN an f64 result takes first.
struct Add {
  static constexpr unsigned arity = 2;
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
  template <class T>
  [[gnu::always_inline]] static T of(T a, T b, T) {
    return a * b;
  }
};
struct Div : Add {
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
  [[gnu::always_inline]] static float of(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
  [[gnu::always_inline]] static double of(double a, double b, double c) { return __builtin_fma(a, b, c); }
  [[gnu::always_inline]] static std::uint64_t nan(double r, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    return is_nan<F64>(b) ? b | F64::quiet : with_nan(r, c, a);
  }
};
struct Rcp {
  static constexpr unsigned arity = 1;
  template <class T>
  [[gnu::always_inline]] static T of(T a, T, T) {
    return 1 / a;
  }
  [[gnu::always_inline]] static std::uint64_t nan(double r, std::uint64_t a, std::uint64_t, std::uint64_t) {
    return with_nan(r, a, a);
  }
};
struct Sqrt : Rcp {
  [[gnu::always_inline]] static float of(float a, float, float) { return __builtin_sqrtf(a); }
  [[gnu::always_inline]] static double of(double a, double, double) { return __builtin_sqrt(a); }
};

template <class Op, bool Saturated>
[[gnu::always_inline]] inline std::uint32_t finished(float result) noexcept {
  if constexpr (Saturated) return saturated<F32>(bits_of(result));
  return result != result ? F32::canonical : bits_of(result);
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
            const float result = Op::of(in_bits(a[lane]), in_bits(b[lane]), in_bits(c[lane]));
            const Bits out = finished<Op, Saturated>(result);
            return flush ? flushed<F32>(out) : out;
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
        return finished<Fma, Saturated>(static_cast<float>(sum));
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
