// SPDX-License-Identifier: MIT
// Constant expressions.
#pragma once

#include "softgpu/ptx/token_stream.hpp"
#include "softgpu/ptx/types.hpp"

#include <cstdint>
#include <optional>

namespace cujitsu::softgpu::ptx {

struct Constant {
  enum class Kind : std::uint8_t { integer, float32, float64 };
  Kind kind = Kind::integer;
  bool is_unsigned = false;
  std::uint64_t bits = 0;
};

/// What a token of kind integer stands for.
[[nodiscard]] Constant integer_of(const Token& token);
/// 1 << 4 + 1, -0x80000000, 0f3F800000, 1.5. Integers are .s64, or .u64 once one of them is. ParseError for anything
/// else.
[[nodiscard]] Constant parse_constant(TokenStream& tokens);
/// The same where the first operand has been read.
[[nodiscard]] Constant parse_constant(TokenStream& tokens, const Constant& first);
/// The same without operators that bind less than '*', so that the caller sees to '+' and '-'.
[[nodiscard]] Constant parse_term(TokenStream& tokens);
/// An integer expression.
[[nodiscard]] std::uint64_t parse_integer(TokenStream& tokens);

/// The constant as a variable of this type holds it; nothing when ptxas does not take it.
[[nodiscard]] std::optional<std::uint64_t> convert(const Constant& constant, Type type);

}  // namespace cujitsu::softgpu::ptx
