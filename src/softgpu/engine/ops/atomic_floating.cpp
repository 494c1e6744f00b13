// SPDX-License-Identifier: MIT
// Atomic additions of floating-point values, with a GPU's NaNs and its flushing of subnormals (f32 outside of shared
// memory only).
#include "softgpu/engine/ops/atomic_handlers.hpp"
#include "softgpu/engine/ops/atomic_lanes.hpp"

#include <bit>
#include <cmath>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace cujitsu::softgpu {
namespace {

/// Round to nearest and keep subnormals, whatever mode the arithmetic handlers have left behind.
class IeeeScope {
 public:
#if defined(__x86_64__)
  IeeeScope() : saved_(_mm_getcsr()) { _mm_setcsr(0x1f80); }
  ~IeeeScope() { _mm_setcsr(saved_); }
#else
  IeeeScope() {}
  ~IeeeScope() {}
#endif
  IeeeScope(const IeeeScope&) = delete;
  IeeeScope& operator=(const IeeeScope&) = delete;

 private:
#if defined(__x86_64__)
  unsigned saved_;
#endif
};

std::uint32_t flushed(std::uint32_t bits) noexcept { return (bits & 0x7f800000) == 0 ? bits & 0x80000000 : bits; }

std::uint32_t add_f32(std::uint32_t a, std::uint32_t b) noexcept {
  const float sum = std::bit_cast<float>(a) + std::bit_cast<float>(b);
  return std::isnan(sum) ? 0x7fffffff : std::bit_cast<std::uint32_t>(sum);
}

bool is_nan_f64(std::uint64_t bits) noexcept { return (bits & 0x7fffffffffffffff) > 0x7ff0000000000000; }

/// No operand may be a NaN.
std::uint64_t sum_f64(std::uint64_t a, std::uint64_t b) noexcept {
  const auto sum = std::bit_cast<std::uint64_t>(std::bit_cast<double>(a) + std::bit_cast<double>(b));
  return is_nan_f64(sum) ? 0xfff8000000000000 : sum;
}

/// In global memory: the operand's NaN stays as it is, a signalling one too; else that of the memory does.
std::uint64_t add_f64_global(std::uint64_t old, std::uint64_t b) noexcept {
  if (is_nan_f64(b)) return b;
  return is_nan_f64(old) ? old : sum_f64(old, b);
}

/// In shared memory it is an ordinary addition, whose second operand is the memory.
std::uint64_t add_f64_shared(std::uint64_t old, std::uint64_t b) noexcept {
  constexpr std::uint64_t quiet = 0x0008000000000000;
  if (is_nan_f64(old)) return old | quiet;
  return is_nan_f64(b) ? b | quiet : sum_f64(old, b);
}

/// A 16-bit format by its exponent bits: f16 has 5, bf16 has 8.
template <int ExponentBits>
struct Narrow {
  static constexpr int fraction_bits = 15 - ExponentBits;
  static constexpr int bias = (1 << (ExponentBits - 1)) - 1;

  static float widen(std::uint32_t bits) noexcept {
    const std::uint32_t sign = (bits & 0x8000) << 16;
    const std::uint32_t rest = bits & 0x7fff;
    if constexpr (ExponentBits == 8) return std::bit_cast<float>(bits << 16);
    const std::uint32_t exponent = rest >> fraction_bits;
    if (exponent == (1u << ExponentBits) - 1) {
      return std::bit_cast<float>(sign | 0x7f800000 | (rest << (23 - fraction_bits) & 0x7fffff));
    }
    const auto magnitude = std::ldexp(
        static_cast<float>(exponent == 0 ? rest : (rest & ((1u << fraction_bits) - 1)) | 1u << fraction_bits),
        (exponent == 0 ? 1 : static_cast<int>(exponent)) - bias - fraction_bits);
    return sign != 0 ? -magnitude : magnitude;
  }

  /// To nearest even. A sum of two narrow values in f32 and then here is rounded as if once: 24 >= 2 * 11 + 2.
  static std::uint32_t narrow(float value) noexcept {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = bits >> 16 & 0x8000;
    const std::uint32_t magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) return 0x7fff;
    constexpr int lost = 23 - fraction_bits;
    if constexpr (ExponentBits == 8) {
      const std::uint32_t rounded = magnitude + ((1u << (lost - 1)) - 1) + (magnitude >> lost & 1);
      return sign | rounded >> lost;
    }
    constexpr std::uint32_t infinity = ((1u << ExponentBits) - 1) << fraction_bits;
    const int exponent = static_cast<int>(magnitude >> 23) - 127 + bias;
    if (exponent >= (1 << ExponentBits) - 1) return sign | infinity;
    // Subnormal results lose more bits; far below them nothing is left to round.
    const int shift = exponent > 0 ? lost : lost + 1 - exponent;
    if (shift > 25) return sign;
    const std::uint32_t whole = (magnitude & 0x7fffff) | 0x800000;
    const std::uint32_t half = 1u << (shift - 1);
    const std::uint32_t kept = (whole + (half - 1) + (whole >> shift & 1)) >> shift;
    // With the leading bit taken away, or carried into the exponent by the rounding.
    const std::uint32_t base = exponent > 0 ? static_cast<std::uint32_t>(exponent - 1) << fraction_bits : 0;
    return sign | (base + kept);
  }

  static std::uint32_t add(std::uint32_t a, std::uint32_t b) noexcept { return narrow(widen(a) + widen(b)); }
};

using Half = Narrow<5>;
using Bfloat = Narrow<8>;

/// What the operations share.
template <class Operation, class Bits>
struct Addition {
  using Type = Bits;
  using Scope = IeeeScope;
  static Type perform(Type* at, Type b, Type c) noexcept {
    return exchange_loop(at, [&](Type old) { return Operation::next(old, b, c, false); });
  }
};

struct AddF32 : Addition<AddF32, std::uint32_t> {
  static Type next(Type old, Type b, Type, bool is_shared) noexcept {
    return is_shared ? add_f32(old, b) : flushed(add_f32(flushed(old), flushed(b)));
  }
};

struct AddF64 : Addition<AddF64, std::uint64_t> {
  static Type next(Type old, Type b, Type, bool is_shared) noexcept {
    return is_shared ? add_f64_shared(old, b) : add_f64_global(old, b);
  }
};

template <class Format>
struct AddNarrow : Addition<AddNarrow<Format>, std::uint16_t> {
  static std::uint16_t next(std::uint16_t old, std::uint16_t b, std::uint16_t, bool) noexcept {
    return static_cast<std::uint16_t>(Format::add(old, b));
  }
};

template <class Format>
struct AddPair : Addition<AddPair<Format>, std::uint32_t> {
  static std::uint32_t next(std::uint32_t old, std::uint32_t b, std::uint32_t, bool) noexcept {
    return Format::add(old & 0xffff, b & 0xffff) | Format::add(old >> 16, b >> 16) << 16;
  }
};

template <class Operation>
Handler choose(bool returns) noexcept {
  return returns ? atomic_lanes<Operation, true> : atomic_lanes<Operation, false>;
}

}  // namespace

Handler floating_atomic(AtomicOperation operation, ptx::Type type, bool returns) noexcept {
  if (operation != AtomicOperation::add) return nullptr;
  switch (type) {
    case ptx::Type::f32: return choose<AddF32>(returns);
    case ptx::Type::f64: return choose<AddF64>(returns);
    case ptx::Type::f16: return choose<AddNarrow<Half>>(returns);
    case ptx::Type::bf16: return choose<AddNarrow<Bfloat>>(returns);
    case ptx::Type::f16x2: return choose<AddPair<Half>>(returns);
    case ptx::Type::bf16x2: return choose<AddPair<Bfloat>>(returns);
    default: return nullptr;
  }
}

}  // namespace cujitsu::softgpu
