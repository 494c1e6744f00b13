// SPDX-License-Identifier: MIT
// cvt between integers and floating-point numbers. Built once for each instruction set.
#include "softgpu/engine/ops/convert_round.hpp"
#include "softgpu/engine/ops/float_keys.hpp"
#include "softgpu/engine/ops/half_round.hpp"

#include <cstdint>

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {
namespace {

template <class I>
inline constexpr bool is_signed = static_cast<I>(-1) < static_cast<I>(0);
template <class I>
inline constexpr unsigned width = sizeof(I) * 8;
template <class I>
inline constexpr I largest =
    static_cast<I>(is_signed<I> ? (std::uint64_t{1} << (width<I> - 1)) - 1 : ~std::uint64_t{0});
template <class I>
inline constexpr I least = static_cast<I>(is_signed<I> ? std::uint64_t{1} << (width<I> - 1) : 0);
/// The lanes of a slot that holds an I.
template <unsigned Bytes>
struct LaneOf {
  using type = std::uint32_t;
};
template <>
struct LaneOf<8> {
  using type = std::uint64_t;
};
template <class I>
using Lane = typename LaneOf<sizeof(I)>::type;
/// What narrow integers are computed in.
template <class I, unsigned Bytes>
struct WorkOf {
  using type = std::int32_t;
};
template <class I>
struct WorkOf<I, 4> {
  using type = I;
};
template <class I>
struct WorkOf<I, 8> {
  using type = I;
};

/// cvt.{rni,rzi,rmi,rpi}{.ftz}.integer.float: clamps. Instruction::immediate: the bits of the destination's register
/// that may be other than 0.
template <class I, class S, ConvertRounding How, bool Flush>
struct ToInteger {
  using Real = typename S::Real;
  using Work = typename WorkOf<I, sizeof(I)>::type;

  [[gnu::always_inline]] static I clamped(typename S::Bits bits) noexcept {
    // Powers of two, so exact: the first number too large, and the least that is not too small.
    constexpr Real limit = static_cast<Real>(std::uint64_t{1} << (width<I> - 1)) * (is_signed<I> ? Real{1} : Real{2});
    constexpr Real bottom = is_signed<I> ? -limit : Real{0};
    const Real whole = to_whole<How>(S::real(bits));
    const bool over = whole >= limit;
    const bool fits = whole >= bottom && whole < limit;
    const Work inside = static_cast<Work>(fits ? whole : Real{0});
    const Work high = over ? static_cast<Work>(largest<I>) : inside;
    const Work low = whole < bottom ? static_cast<Work>(least<I>) : high;
    // 0, but of a double, or to 64 bits: only the highest bit.
    constexpr bool bit = sizeof(I) == 8 || sizeof(Real) == 8;
    constexpr Work nan = bit ? static_cast<Work>(static_cast<I>(std::uint64_t{1} << (width<I> - 1))) : Work{0};
    return static_cast<I>(whole != whole ? nan : low);
  }

  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    const auto* a = slot<typename S::Bits>(warp, in->a);
    const auto keep = static_cast<Lane<I>>(static_cast<std::uint64_t>(in->immediate));
    write_lanes<Masked>(
        warp, slot<Lane<I>>(warp, in->d), [&](unsigned lane) __attribute__((always_inline))->Lane<I> {
          auto bits = a[lane];
          if constexpr (S::sign == 0x8000) bits &= 0xffff;
          if constexpr (Flush) bits = flushed<S>(bits);
          const I value = clamped(bits);
          if constexpr (is_signed<I> && sizeof(I) < 4)
            return static_cast<Lane<I>>(static_cast<std::int32_t>(value)) & keep;
          return static_cast<Lane<I>>(value) & keep;
        });
    return in + 1;
  }
};

/// An integer as a double that may be rounded once more: exact, or rounded to odd.
template <class I>
[[gnu::always_inline]] inline double as_odd(I value) noexcept {
  if constexpr (sizeof(I) < 8) {
    return static_cast<double>(value);
  } else {
    // All but 53 bits into the lowest of them. Only 8 bits are asked for, so small numbers must not lose theirs.
    constexpr auto small = std::uint64_t{1} << 52;
    const auto bits = static_cast<std::uint64_t>(value);
    const bool fits = is_signed<I> ? bits + small < 2 * small : bits < small;
    const std::uint64_t cut = (bits & ~std::uint64_t{0x7ff}) | ((bits & 0x7ff) != 0 ? 0x800u : 0u);
    return static_cast<double>(static_cast<I>(fits ? bits : cut));
  }
}

template <class D>
inline constexpr bool half_precision = false;
template <>
inline constexpr bool half_precision<F16> = true;

/// cvt.{rn,rz,rm,rp}{.sat}.float.integer
template <class D, class I, ConvertRounding How, bool Saturate>
struct FromInteger {
  static constexpr Rounding direction = How == ConvertRounding::rm   ? Rounding::down
                                        : How == ConvertRounding::rp ? Rounding::up
                                        : How == ConvertRounding::rz ? Rounding::zero
                                                                     : Rounding::nearest;

  [[gnu::always_inline]] static typename D::Bits converted(I value) noexcept {
    if constexpr (half_precision<D> && direction == Rounding::nearest) {
      // Whatever is beyond 2^17 is infinite, and all below is exact in float.
      constexpr I bound = (sizeof(I) > 2) ? static_cast<I>(131072) : largest<I>;
      const I low = value < bound ? value : bound;
      const I limited = is_signed<I> && sizeof(I) > 2 && low < static_cast<I>(-bound) ? static_cast<I>(-bound) : low;
      return nearest<D>(static_cast<float>(static_cast<std::int32_t>(limited)));
    } else if constexpr (D::sign == 0x8000) {
      return round_to<D, direction>(as_odd(value));
    } else {
      return bits_of(static_cast<typename D::Real>(value));
    }
  }

  template <bool Masked>
  [[gnu::always_inline]] static void loop(Warp& warp, const Instruction* in) {
    const auto* a = slot<Lane<I>>(warp, in->a);
    write_lanes<Masked>(
        warp, slot<typename D::Bits>(warp, in->d), [&](unsigned lane) __attribute__((always_inline)) {
          const auto result = converted(static_cast<I>(a[lane]));
          return Saturate ? saturated<D>(result) : result;
        });
  }

  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    // Small integers are exact. Their conversion must not see another direction: it may go over differences that are 0.
    constexpr bool exact = sizeof(I) < 4 || (sizeof(I) == 4 && sizeof(typename D::Real) == 8);
    if constexpr (direction == Rounding::nearest || exact || D::sign == 0x8000) {
      loop<Masked>(warp, in);
    } else {
      const ModeScope scope(float_mode(direction, false));
      loop<Masked>(warp, in);
    }
    return in + 1;
  }
};

using ptx::Type;

template <class I, class S, ConvertRounding How, bool Flush>
constexpr HandlerEntry to(Type destination, Type source) {
  return {float_key(FloatOp::to_integer, destination, source, Flush ? variant_flushed : 0u,
                    static_cast<std::uint32_t>(How)),
          handlers_of<ToInteger<I, S, How, Flush>>};
}
template <class D, class I, ConvertRounding How, bool Saturate>
constexpr HandlerEntry from(Type destination, Type source) {
  return {float_key(FloatOp::from_integer, destination, source, Saturate ? variant_saturated : 0u,
                    static_cast<std::uint32_t>(How)),
          handlers_of<FromInteger<D, I, How, Saturate>>};
}

#define CUJITSU_TO4(I, i, S, s, flush)                                                                              \
  to<I, S, ConvertRounding::rni, flush>(Type::i, Type::s), to<I, S, ConvertRounding::rzi, flush>(Type::i, Type::s), \
      to<I, S, ConvertRounding::rmi, flush>(Type::i, Type::s), to<I, S, ConvertRounding::rpi, flush>(Type::i, Type::s)
#define CUJITSU_FROM4(D, d, I, i, saturate)                        \
  from<D, I, ConvertRounding::rn, saturate>(Type::d, Type::i),     \
      from<D, I, ConvertRounding::rz, saturate>(Type::d, Type::i), \
      from<D, I, ConvertRounding::rm, saturate>(Type::d, Type::i), \
      from<D, I, ConvertRounding::rp, saturate>(Type::d, Type::i)
#define CUJITSU_INTEGER(I, i)                                                                                         \
  CUJITSU_TO4(I, i, F32, f32, false), CUJITSU_TO4(I, i, F32, f32, true), CUJITSU_TO4(I, i, F64, f64, false),          \
      CUJITSU_TO4(I, i, F16, f16, false), CUJITSU_TO4(I, i, BF16, bf16, false), CUJITSU_FROM4(F32, f32, I, i, false), \
      CUJITSU_FROM4(F32, f32, I, i, true), CUJITSU_FROM4(F64, f64, I, i, false), CUJITSU_FROM4(F64, f64, I, i, true), \
      CUJITSU_FROM4(F16, f16, I, i, false), CUJITSU_FROM4(F16, f16, I, i, true),                                      \
      CUJITSU_FROM4(BF16, bf16, I, i, false)

constexpr HandlerEntry entries[] = {
    CUJITSU_INTEGER(std::int8_t, s8),    CUJITSU_INTEGER(std::uint8_t, u8),   CUJITSU_INTEGER(std::int16_t, s16),
    CUJITSU_INTEGER(std::uint16_t, u16), CUJITSU_INTEGER(std::int32_t, s32),  CUJITSU_INTEGER(std::uint32_t, u32),
    CUJITSU_INTEGER(std::int64_t, s64),  CUJITSU_INTEGER(std::uint64_t, u64),
};
#undef CUJITSU_TO4
#undef CUJITSU_FROM4
#undef CUJITSU_INTEGER

}  // namespace

constinit const HandlerTable convert_integer_table{entries, sizeof entries / sizeof entries[0]};

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
