// SPDX-License-Identifier: MIT
// cvt from one floating-point format to another. Built once for each instruction set.
#include "softgpu/engine/ops/convert_round.hpp"
#include "softgpu/engine/ops/float_keys.hpp"
#include "softgpu/engine/ops/half_round.hpp"

#include <cstdint>

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {
namespace {

template <class A, class B>
inline constexpr bool same = false;
template <class A>
inline constexpr bool same<A, A> = true;

/// The direction of a rounding to a format's precision.
constexpr Rounding direction(ConvertRounding rounding) {
  switch (rounding) {
    case ConvertRounding::rm: return Rounding::down;
    case ConvertRounding::rp: return Rounding::up;
    case ConvertRounding::rz: return Rounding::zero;
    default: return Rounding::nearest;
  }
}

/// One value of format S as one of format D, NaNs included, before .ftz, .sat and .relu.
template <class D, class S, ConvertRounding How>
[[gnu::always_inline]] inline typename D::Bits converted(typename S::Bits bits) noexcept {
  if constexpr (same<D, S>) {
    if constexpr (How == ConvertRounding::none) {
      return canonical<D>(bits);
    } else {
      const auto whole = to_whole<How>(S::real(bits));
      if constexpr (same<D, F64>)
        return is_nan<F64>(bits) ? bits | F64::quiet : bits_of(whole);
      else if constexpr (same<D, F32>)
        return canonical<F32>(bits_of(whole));
      else
        return nearest<D>(whole);
    }
  } else if constexpr (same<D, F64>) {
    if constexpr (same<S, F32>) {
      const std::uint64_t wide = bits_of(static_cast<double>(as_float(bits)));
      const std::uint64_t nan = F64::infinity | F64::quiet | static_cast<std::uint64_t>(bits & F32::sign) << 32 |
                                static_cast<std::uint64_t>(bits & 0x007fffff) << 29;
      return is_nan<F32>(bits) ? nan : wide;
    } else {  // the payload stays
      constexpr unsigned up = 52 - S::mantissa_bits;
      const std::uint64_t wide = bits_of(static_cast<double>(S::real(bits)));
      const std::uint64_t nan = F64::infinity | F64::quiet | static_cast<std::uint64_t>(bits & S::sign) << 48 |
                                static_cast<std::uint64_t>(bits & (S::infinity ^ (S::sign - 1))) << up;
      return is_nan<S>(bits) ? nan : wide;
    }
  } else if constexpr (same<D, F32>) {
    if constexpr (same<S, F64>) {
      const auto narrow = bits_of(static_cast<float>(as_double(bits)));
      const auto nan = static_cast<std::uint32_t>(bits >> 32 & F32::sign) | 0x7fc00000u |
                       static_cast<std::uint32_t>(bits >> 29 & 0x003fffff);
      return is_nan<F64>(bits) ? nan : narrow;
    } else {
      return canonical<F32>(bits_of(S::real(bits)));
    }
  } else if constexpr (same<S, F64>) {
    return round_to<D, direction(How), true>(as_double(bits));
  } else if constexpr (How == ConvertRounding::rn) {
    return nearest<D>(S::real(bits));
  } else {
    return round_to<D, direction(How)>(static_cast<double>(S::real(bits)));
  }
}

/// Whether bits pass as they are, NaNs too: where nothing is rounded and no modifier asks for anything, but for f16 and
/// bf16 to themselves.
template <class D, class S, ConvertRounding How, bool Extras>
inline constexpr bool passes_bits =
    !Extras && How == ConvertRounding::none && ((same<D, S> && D::sign != 0x8000) || (same<D, F32> && same<S, BF16>));

/// Whether the rounding is the host's, in which flushing is the host's too.
template <class D, class S>
inline constexpr bool rounds_on_host = same<D, F32> && same<S, F64>;

template <class D, class S, ConvertRounding How, bool Extras>
struct Convert {
  template <bool Masked>
  [[gnu::always_inline]] static void loop(Warp& warp, const Instruction* in) {
    const auto* a = slot<typename S::Bits>(warp, in->a);
    const bool flush = Extras && (in->code & extra_flush) != 0;
    const bool saturate = Extras && (in->code & extra_saturate) != 0;
    const bool cut = Extras && (in->code & extra_relu) != 0;
    const bool finite = Extras && (in->code & extra_finite) != 0;
    write_lanes<Masked>(
        warp, slot<typename D::Bits>(warp, in->d), [&](unsigned lane) __attribute__((always_inline)) {
          auto bits = a[lane];
          if constexpr (sizeof(bits) == 4) bits = S::sign == 0x8000 ? bits & 0xffff : bits;
          // Conversion to f16 does not flush what it reads: in a directed rounding the least number may come of it.
          if constexpr (Extras && same<S, F32> && !same<D, F16>) bits = flush ? flushed<S>(bits) : bits;
          // A flushed f64 hands no payload on.
          if constexpr (Extras && same<S, F32> && same<D, F64>) bits = flush ? canonical<S>(bits) : bits;
          if constexpr (passes_bits<D, S, How, Extras>) return bits_of(S::real(bits));
          auto result = converted<D, S, How>(bits);
          if constexpr (Extras) {
            if constexpr (!same<D, F64>) {
              if constexpr (same<D, F32>) result = flush ? flushed<D>(result) : result;
              result = cut ? relu<D>(result) : result;
              const auto infinite = magnitude_of<D>(result) == D::infinity;
              result = finite && infinite ? result - 1 : result;
            }
            result = saturate ? saturated<D>(result) : result;
          }
          return result;
        });
  }

  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    if constexpr (rounds_on_host<D, S> && (Extras || How != ConvertRounding::rn)) {
      const ModeScope scope(float_mode(direction(How), Extras && (in->code & extra_flush) != 0));
      loop<Masked>(warp, in);
    } else {
      loop<Masked>(warp, in);
    }
    return in + 1;
  }
};

/// cvt.{rna,rn,rz}{.relu}{.satfinite}.tf32.f32
template <ConvertRounding How>
struct ToTf32 {
  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    const std::uint32_t* a = slot<std::uint32_t>(warp, in->a);
    const bool cut = (in->code & extra_relu) != 0;
    const bool finite = (in->code & extra_finite) != 0;
    write_lanes<Masked>(
        warp, slot<std::uint32_t>(warp, in->d), [&](unsigned lane) __attribute__((always_inline)) {
          const std::uint32_t bits = a[lane];
          if constexpr (How == ConvertRounding::rna) {
            const std::uint32_t rounded = (bits + 0x1000) & 0xffffe000;  // bits, whatever they mean: NaNs too
            const bool over = finite && !is_nan<F32>(bits) && (rounded & 0x7fffffff) >= F32::infinity;
            return over ? (bits & F32::sign) | 0x7f7fe000u : rounded;
          }
          const std::uint32_t up = How == ConvertRounding::rn ? 0xfff + (bits >> 13 & 1) : 0u;
          const std::uint32_t rounded = (bits + up) & 0xffffe000;
          const bool over = finite && (rounded & 0x7fffffff) >= F32::infinity;
          const std::uint32_t limited = over ? (bits & F32::sign) | 0x7f7fe000u : rounded;
          const std::uint32_t number = cut ? relu<F32>(limited) : limited;
          return is_nan<F32>(bits) ? F32::canonical & 0xffffe000 : number;
        });
    return in + 1;
  }
};

using ptx::Type;

template <class D, class S, ConvertRounding How, bool Extras>
constexpr HandlerEntry entry(Type destination, Type source) {
  return {
      float_key(FloatOp::convert, destination, source, Extras ? variant_extras : 0u, static_cast<std::uint32_t>(How)),
      handlers_of<Convert<D, S, How, Extras>>};
}
template <ConvertRounding How>
constexpr HandlerEntry tf32() {
  return {float_key(FloatOp::convert, Type::tf32, Type::f32, 0, static_cast<std::uint32_t>(How)),
          handlers_of<ToTf32<How>>};
}

#define CUJITSU_ONE(D, d, S, s, how) \
  entry<D, S, ConvertRounding::how, false>(Type::d, Type::s), entry<D, S, ConvertRounding::how, true>(Type::d, Type::s)
#define CUJITSU_NARROW(D, d, S, s) \
  CUJITSU_ONE(D, d, S, s, rn), CUJITSU_ONE(D, d, S, s, rm), CUJITSU_ONE(D, d, S, s, rp), CUJITSU_ONE(D, d, S, s, rz)
#define CUJITSU_WHOLE(F, f)                                                                  \
  CUJITSU_ONE(F, f, F, f, none), CUJITSU_ONE(F, f, F, f, rni), CUJITSU_ONE(F, f, F, f, rmi), \
      CUJITSU_ONE(F, f, F, f, rpi), CUJITSU_ONE(F, f, F, f, rzi)

constexpr HandlerEntry entries[] = {
    CUJITSU_WHOLE(F32, f32),
    CUJITSU_WHOLE(F64, f64),
    CUJITSU_WHOLE(F16, f16),
    CUJITSU_WHOLE(BF16, bf16),
    CUJITSU_NARROW(F32, f32, F64, f64),
    CUJITSU_NARROW(F16, f16, F64, f64),
    CUJITSU_NARROW(F16, f16, F32, f32),
    CUJITSU_NARROW(BF16, bf16, F64, f64),
    CUJITSU_NARROW(BF16, bf16, F32, f32),
    CUJITSU_NARROW(BF16, bf16, F16, f16),
    CUJITSU_NARROW(F16, f16, BF16, bf16),
    CUJITSU_ONE(F64, f64, F32, f32, none),
    CUJITSU_ONE(F64, f64, F16, f16, none),
    CUJITSU_ONE(F64, f64, BF16, bf16, none),
    CUJITSU_ONE(F32, f32, F16, f16, none),
    CUJITSU_ONE(F32, f32, BF16, bf16, none),
    tf32<ConvertRounding::rna>(),
    tf32<ConvertRounding::rn>(),
    tf32<ConvertRounding::rz>(),
};
#undef CUJITSU_ONE
#undef CUJITSU_NARROW
#undef CUJITSU_WHOLE

}  // namespace

constinit const HandlerTable convert_float_table{entries, sizeof entries / sizeof entries[0]};

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
