// SPDX-License-Identifier: MIT
// From an instruction as it is written to the handlers that execute it. One decoder for each group of families.
#pragma once

#include "softgpu/engine/instruction.hpp"
#include "softgpu/ptx/ast.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace cujitsu::softgpu {

/// What a decoder answers.
struct Decoding {
  enum class Answer : std::uint8_t {
    not_mine,  ///< this opcode, or this opcode with these types, belongs to another decoder
    refused,   ///< mine, but not supported: `why` says which modifier or type
    decoded,
  };
  Answer answer = Answer::not_mine;
  std::string why;

  Handler whole = nullptr;
  Handler masked = nullptr;
  /// The type as which each operand is read or written, in PTX's order: it decides how an immediate is turned into bits
  /// and which slot kind a special register gets. Operands are counted flattened: each element of a vector is one, and an
  /// address is one. Operand n becomes the field d, a, b, c, e in turn (mov.b32 {lo, hi}, %r: d and a are lo and hi, b is
  /// %r); the second half of a pair becomes f. A destination that is a sink gets a scratch slot.
  /// Type::none: the operand is not a slot; the decoder has read it itself (into `immediate` or `code`). If that is the
  /// fifth operand, a sixth becomes e in its place.
  ///
  /// ld, st, atom and red differ: `a` is the address' base (a b32 or b64 slot; of an absolute or symbolic address a slot
  /// that holds it), `immediate` its offset, filled in by the lowering. The loaded or returned value is d, what is stored
  /// or combined is b (and c for cas). A vector's elements are in `data`, a uint32_t for each slot, if `vector` is set.
  std::array<ptx::Type, 10> operands{};
  ptx::Type second = ptx::Type::none;  ///< of the second half of a pair
  bool vector = false;                 ///< ld, st: the elements' slots go into Instruction::data
  std::int64_t immediate = 0;
  std::uint32_t code = 0;
};

/// What is known of an operand. For a register: its slot's kind and declared type. For an address: kind and type of its
/// base register (b64 where there is none).
struct OperandSlot {
  SlotKind kind = SlotKind::none;
  ptx::Type type = ptx::Type::none;
  /// ld.param: the address is in the kernel's parameters, and else in the frame's .param variables for calls.
  bool is_kernel_parameter = false;
  bool has_base_register = false;  ///< of an address
};

/// `slots` has one element for each flattened operand.
/// A closed world: a decoder accepts an instruction only when it has understood every modifier.
[[nodiscard]] Decoding decode_integer(const ptx::Instruction& instruction, std::span<const OperandSlot> slots);
[[nodiscard]] Decoding decode_floating(const ptx::Instruction& instruction, std::span<const OperandSlot> slots);
[[nodiscard]] Decoding decode_memory(const ptx::Instruction& instruction, std::span<const OperandSlot> slots);

/// "multiplication by .sat is not supported": a refusal in one line.
[[nodiscard]] inline Decoding refused(std::string why) {
  Decoding decoding;
  decoding.answer = Decoding::Answer::refused;
  decoding.why = std::move(why);
  return decoding;
}

}  // namespace cujitsu::softgpu
