// SPDX-License-Identifier: MIT
// Reading a floating-point instruction's modifiers, and making a Decoding of what was understood.
#pragma once

#include "softgpu/engine/decoding.hpp"
#include "softgpu/engine/isa.hpp"
#include "softgpu/engine/ops/float_keys.hpp"
#include "softgpu/engine/ops/fpenv.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::softgpu {

/// An instruction's modifiers: types apart, and every other one crossed out when it has been understood.
class FloatWords {
 public:
  explicit FloatWords(const ptx::Instruction& instruction);

  [[nodiscard]] const std::vector<ptx::Type>& types() const noexcept { return types_; }
  /// Whether the modifier was there; it counts as understood.
  bool take(std::string_view word);
  /// The index of the first one of `words` that was there, which counts as understood.
  std::optional<unsigned> take_one(std::initializer_list<std::string_view> words);
  /// .rn .rm .rp .rz
  std::optional<Rounding> take_rounding();
  /// What has not been understood, "fma.oob": empty if nothing is left.
  [[nodiscard]] std::string left() const;
  [[nodiscard]] const std::string& name() const noexcept { return name_; }  ///< "fma.rn.f32"

 private:
  std::string opcode_;
  std::string name_;
  std::vector<ptx::Type> types_;
  std::vector<std::string_view> words_;
};

/// What the floating-point decoders share.
struct FloatRequest {
  const ptx::Instruction& instruction;
  std::span<const OperandSlot> slots;
  Isa isa;
  FloatWords words;
};

/// The handlers of `key`, for operands of these types. Refuses what is left of the modifiers, a key without handlers, a
/// wrong number of operands and registers of another width.
[[nodiscard]] Decoding finish(const FloatRequest& request, std::uint32_t key, std::initializer_list<ptx::Type> operands,
                              std::uint32_t code = 0, std::int64_t immediate = 0);

/// decode_floating for a given instruction set.
[[nodiscard]] Decoding decode_floating_for(Isa isa, const ptx::Instruction& instruction,
                                           std::span<const OperandSlot> slots);

// One for each group of families. The first type names the family's operands.
[[nodiscard]] Decoding decode_float_arithmetic(FloatRequest request);
[[nodiscard]] Decoding decode_float_function(
    FloatRequest request);                                          ///< rcp, sqrt, rsqrt, ex2, lg2, sin, cos, tanh, div
[[nodiscard]] Decoding decode_float_minmax(FloatRequest request);   ///< min, max, abs, neg, copysign, testp
[[nodiscard]] Decoding decode_float_compare(FloatRequest request);  ///< setp, set
[[nodiscard]] Decoding decode_float_convert(FloatRequest request);  ///< cvt
[[nodiscard]] Decoding decode_pack(FloatRequest request);           ///< cvt.pack, though it is of integers

}  // namespace cujitsu::softgpu
