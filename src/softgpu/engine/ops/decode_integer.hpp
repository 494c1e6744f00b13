// SPDX-License-Identifier: MIT
// What the decoders of the integer families share.
#pragma once

#include "softgpu/engine/decoding.hpp"
#include "softgpu/engine/isa.hpp"
#include "softgpu/engine/ops/handler_index.hpp"
#include "softgpu/engine/ops/integer_keys.hpp"

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::softgpu {

/// decode_integer with the handlers of one instruction set, which this CPU must have.
[[nodiscard]] Decoding decode_integer_for(Isa isa, const ptx::Instruction& instruction,
                                          std::span<const OperandSlot> slots);

/// The modifiers of an instruction that nobody has understood yet. Types come in the order in which they are written;
/// of the other words the order does not matter.
class Modifiers {
 public:
  explicit Modifiers(const ptx::Instruction& instruction);

  /// Whether the word is there; if so it counts as understood.
  [[nodiscard]] bool take(std::string_view word);
  /// Type::none: there is none left.
  [[nodiscard]] ptx::Type take_type();
  [[nodiscard]] ptx::Type last_type() const;
  [[nodiscard]] bool has_floating_type() const;
  /// The first one left, or empty.
  [[nodiscard]] std::string_view left() const { return words_.empty() ? std::string_view{} : words_.front(); }

 private:
  std::vector<std::string_view> words_;
};

/// One instruction on its way to a Decoding.
struct IntegerDecoder {
  IntegerDecoder(Isa isa, const ptx::Instruction& instruction, std::span<const OperandSlot> operand_slots);

  const ptx::Instruction& in;
  std::span<const OperandSlot> slots;
  const HandlerIndex& handlers;
  Modifiers modifiers;
  std::vector<const ptx::Operand*> operands;  ///< flattened

  struct Options {
    std::size_t results = 1;             ///< how many of the operands are destinations
    std::uint32_t negatable = 0;         ///< a bit for each operand that may be "!%p"
    bool floating_constants = false;     ///< 0fXXXXXXXX and 0dXXXXXXXXXXXXXXXX may stand for their bits
    ptx::Type second = ptx::Type::none;  ///< of the second half of a pair as destination
  };
  /// The last step of every decoder: checks that all modifiers are understood and that the operands fit `types` (none: the
  /// decoder has read that one itself), and looks the handlers up.
  [[nodiscard]] Decoding finish(std::uint32_t key, std::initializer_list<ptx::Type> types, Options options) const;
  [[nodiscard]] Decoding finish(std::uint32_t key, std::initializer_list<ptx::Type> types) const {
    return finish(key, types, Options{});
  }

  [[nodiscard]] bool is_integer(std::size_t operand) const {
    return operand < operands.size() && operands[operand]->kind == ptx::Operand::Kind::integer;
  }
  [[nodiscard]] Decoding bad_type(ptx::Type type) const;

 private:
  /// Empty: the operand can be read or written as `type`.
  [[nodiscard]] std::string why_not(std::size_t operand, ptx::Type type, const Options& options) const;
};

[[nodiscard]] bool is_one_of(ptx::Type type, std::initializer_list<ptx::Type> types);
/// u32 for s32 and b32, and so on: for families that do not see the sign.
[[nodiscard]] ptx::Type unsigned_of(ptx::Type type);
/// b32 for u32, s32 and f32, and so on.
[[nodiscard]] ptx::Type untyped_of(ptx::Type type);

// By group of opcodes. Nothing: the opcode belongs to another group.
[[nodiscard]] std::optional<Decoding> decode_integer_arithmetic(IntegerDecoder& decoder);
[[nodiscard]] std::optional<Decoding> decode_integer_bits(IntegerDecoder& decoder);
[[nodiscard]] std::optional<Decoding> decode_integer_compare(IntegerDecoder& decoder);
[[nodiscard]] std::optional<Decoding> decode_integer_convert(IntegerDecoder& decoder);
[[nodiscard]] std::optional<Decoding> decode_integer_move(IntegerDecoder& decoder);

}  // namespace cujitsu::softgpu
