// SPDX-License-Identifier: MIT
// cvt of two values into one register, integers too, and of the pairs of 8-bit formats. Built once for each instruction set.
#include "softgpu/engine/ops/float_keys.hpp"
#include "softgpu/engine/ops/half_round.hpp"

#include <cstdint>

namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA {
namespace {

/// cvt.{rn,rz}{.relu}{.satfinite}.{f16x2,bf16x2,e4m3x2,e5m2x2}.f32 d, a, b: a becomes the upper half.
template <class F, unsigned Half, Rounding Direction, bool Finite>
struct PackFloats {
  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    const std::uint32_t* a = slot<std::uint32_t>(warp, in->a);
    const std::uint32_t* b = slot<std::uint32_t>(warp, in->b);
    const bool cut = (in->code & extra_relu) != 0;
    const auto element = [&](std::uint32_t bits) __attribute__((always_inline)) {
      std::uint32_t result;
      if constexpr (Half == 16 && Direction == Rounding::nearest && !Finite)
        result = nearest<F>(as_float(bits));
      else
        result = round_to<F, Direction, false, Finite>(static_cast<double>(as_float(bits)));
      return cut && (result & F::sign) != 0 ? 0 : result;
    };
    write_lanes<Masked>(
        warp, slot<std::uint32_t>(warp, in->d), [&](unsigned lane) __attribute__((always_inline)) {
          return element(a[lane]) << Half | element(b[lane]);
        });
    return in + 1;
  }
};

/// cvt.rn.satfinite{.relu}.{e4m3x2,e5m2x2}.f16x2
template <class F>
struct PackHalves {
  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    const std::uint32_t* a = slot<std::uint32_t>(warp, in->a);
    const bool cut = (in->code & extra_relu) != 0;
    const auto element = [&](std::uint32_t bits) __attribute__((always_inline)) {
      const std::uint32_t result = round_to<F, Rounding::nearest, false, true>(static_cast<double>(F16::real(bits)));
      return cut && (result & F::sign) != 0 ? 0 : result;
    };
    write_lanes<Masked>(
        warp, slot<std::uint32_t>(warp, in->d), [&](unsigned lane) __attribute__((always_inline)) {
          return element(a[lane] >> 16) << 8 | element(a[lane] & 0xffff);
        });
    return in + 1;
  }
};

[[gnu::always_inline]] inline std::uint32_t to_half(E5M2, std::uint32_t bits) noexcept {
  return canonical<F16>(bits << 8);
}
[[gnu::always_inline]] inline std::uint32_t to_half(E4M3, std::uint32_t bits) noexcept {
  const std::uint32_t magnitude = bits & 0x7f;
  const std::uint32_t sign = (bits & 0x80) << 8;
  // Shifted into place it is a half whose exponent is 8 too small; subnormal ones become right by the multiplication.
  const float value = F16::real(magnitude << 7) * 256.0f;
  return magnitude == 0x7f ? F16::canonical : nearest<F16>(value) | sign;
}

/// cvt.rn{.relu}.f16x2.{e4m3x2,e5m2x2}
template <class F>
struct UnpackHalves {
  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    const std::uint32_t* a = slot<std::uint32_t>(warp, in->a);
    const bool cut = (in->code & extra_relu) != 0;
    const auto element = [&](std::uint32_t bits) __attribute__((always_inline)) {
      const std::uint32_t result = to_half(F{}, bits);
      return cut ? relu<F16>(result) : result;
    };
    write_lanes<Masked>(
        warp, slot<std::uint32_t>(warp, in->d), [&](unsigned lane) __attribute__((always_inline)) {
          return element(a[lane] >> 8 & 0xff) << 16 | element(a[lane] & 0xff);
        });
    return in + 1;
  }
};

/// cvt.pack.sat.type.s32{.b32} d, a, b{, c}: c moved up, below it a, and lowest b, both clamped to the type.
template <bool Third>
struct PackIntegers {
  template <bool Masked>
  static const Instruction* run(Warp& warp, const Instruction* in) {
    const std::int32_t* a = slot<std::int32_t>(warp, in->a);
    const std::int32_t* b = slot<std::int32_t>(warp, in->b);
    const std::uint32_t* c = slot<std::uint32_t>(warp, Third ? in->c : in->a);
    const std::uint32_t width = in->code & pack_width;  // at most 16
    const bool is_signed = (in->code & pack_signed) != 0;
    const std::uint32_t kept = (1u << width) - 1;
    const auto most = static_cast<std::int32_t>(is_signed ? kept >> 1 : kept);
    const std::int32_t least = is_signed ? -most - 1 : 0;
    const auto clamped = [&](std::int32_t value) __attribute__((always_inline)) {
      const std::int32_t below = value < most ? value : most;
      return static_cast<std::uint32_t>(below > least ? below : least) & kept;
    };
    write_lanes<Masked>(
        warp, slot<std::uint32_t>(warp, in->d), [&](unsigned lane) __attribute__((always_inline)) {
          const std::uint32_t two = clamped(a[lane]) << width | clamped(b[lane]);
          if constexpr (!Third) return two;
          return c[lane] << width << width | two;
        });
    return in + 1;
  }
};

using ptx::Type;

template <class F, unsigned Half, Rounding Direction, bool Finite>
constexpr HandlerEntry pack(Type destination, ConvertRounding rounding) {
  return {float_key(FloatOp::pack, destination, Type::f32, Finite ? variant_saturated : 0u,
                    static_cast<std::uint32_t>(rounding)),
          handlers_of<PackFloats<F, Half, Direction, Finite>>};
}

constexpr auto rn = static_cast<std::uint32_t>(ConvertRounding::rn);

constexpr HandlerEntry entries[] = {
    pack<F16, 16, Rounding::nearest, false>(Type::f16x2, ConvertRounding::rn),
    pack<F16, 16, Rounding::zero, false>(Type::f16x2, ConvertRounding::rz),
    pack<F16, 16, Rounding::nearest, true>(Type::f16x2, ConvertRounding::rn),
    pack<F16, 16, Rounding::zero, true>(Type::f16x2, ConvertRounding::rz),
    pack<BF16, 16, Rounding::nearest, false>(Type::bf16x2, ConvertRounding::rn),
    pack<BF16, 16, Rounding::zero, false>(Type::bf16x2, ConvertRounding::rz),
    pack<BF16, 16, Rounding::nearest, true>(Type::bf16x2, ConvertRounding::rn),
    pack<BF16, 16, Rounding::zero, true>(Type::bf16x2, ConvertRounding::rz),
    pack<E4M3, 8, Rounding::nearest, true>(Type::e4m3x2, ConvertRounding::rn),
    pack<E5M2, 8, Rounding::nearest, true>(Type::e5m2x2, ConvertRounding::rn),
    {float_key(FloatOp::pack, Type::e4m3x2, Type::f16x2, variant_saturated, rn), handlers_of<PackHalves<E4M3>>},
    {float_key(FloatOp::pack, Type::e5m2x2, Type::f16x2, variant_saturated, rn), handlers_of<PackHalves<E5M2>>},
    {float_key(FloatOp::pack, Type::f16x2, Type::e4m3x2, 0, rn), handlers_of<UnpackHalves<E4M3>>},
    {float_key(FloatOp::pack, Type::f16x2, Type::e5m2x2, 0, rn), handlers_of<UnpackHalves<E5M2>>},
    {float_key(FloatOp::pack, Type::u32, Type::s32), handlers_of<PackIntegers<false>>},
    {float_key(FloatOp::pack, Type::b32, Type::s32), handlers_of<PackIntegers<true>>},
};

}  // namespace

constinit const HandlerTable convert_packed_table{entries, sizeof entries / sizeof entries[0]};

}  // namespace cujitsu::softgpu::CUJITSU_SOFTGPU_ISA
