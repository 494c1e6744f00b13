// SPDX-License-Identifier: MIT
// Constant expressions.
#include "softgpu/ptx/constant.hpp"

#include <array>
#include <bit>
#include <limits>

namespace cujitsu::softgpu::ptx {
namespace {

constexpr unsigned deepest = 64;

struct Operator {
  std::uint16_t punct;
  int precedence;
};

constexpr int term_precedence = 10;
constexpr std::array operators = {
    Operator{two('|', '|'), 1},
    Operator{two('&', '&'), 2},
    Operator{'|', 3},
    Operator{'^', 4},
    Operator{'&', 5},
    Operator{two('=', '='), 6},
    Operator{two('!', '='), 6},
    Operator{'<', 7},
    Operator{'>', 7},
    Operator{two('<', '='), 7},
    Operator{two('>', '='), 7},
    Operator{two('<', '<'), 8},
    Operator{two('>', '>'), 8},
    Operator{'+', 9},
    Operator{'-', 9},
    Operator{'*', term_precedence},
    Operator{'/', term_precedence},
    Operator{'%', term_precedence},
};

int precedence_of(const Token& token) noexcept {
  if (token.kind != Token::Kind::punctuation) return 0;
  for (const Operator& one : operators)
    if (one.punct == token.punct) return one.precedence;
  return 0;
}

double as_double(const Constant& constant) noexcept {
  switch (constant.kind) {
    case Constant::Kind::float32: return std::bit_cast<float>(static_cast<std::uint32_t>(constant.bits));
    case Constant::Kind::float64: return std::bit_cast<double>(constant.bits);
    case Constant::Kind::integer: break;
  }
  return constant.is_unsigned ? static_cast<double>(constant.bits)
                              : static_cast<double>(static_cast<std::int64_t>(constant.bits));
}

Constant from(double value) noexcept { return {Constant::Kind::float64, false, std::bit_cast<std::uint64_t>(value)}; }
Constant from(bool value) noexcept { return {Constant::Kind::integer, false, value ? std::uint64_t{1} : 0}; }

class Evaluator {
 public:
  explicit Evaluator(TokenStream& tokens) : tokens_(tokens) {}

  Constant conditional(unsigned depth) { return conditional(unary(depth), depth); }

  /// With the first operand read.
  Constant conditional(const Constant& first, unsigned depth) {
    const Constant condition = binary(first, 1, depth);
    if (!tokens_.now().is('?')) return condition;
    check(depth);
    tokens_.advance();
    const Constant yes = conditional(depth + 1);
    tokens_.expect(':');
    const Constant no = conditional(depth + 1);
    return condition.bits != 0 ? yes : no;
  }

  Constant binary(int lowest, unsigned depth) { return binary(unary(depth), lowest, depth); }

  Constant binary(Constant left, int lowest, unsigned depth) {
    for (;;) {
      const Token token = tokens_.now();
      const int precedence = precedence_of(token);
      if (precedence == 0 || precedence < lowest) return left;
      check(depth);
      tokens_.advance();
      left = apply(token.punct, left, binary(precedence + 1, depth + 1));
    }
  }

 private:
  void check(unsigned depth) const {
    if (depth > deepest) tokens_.fail("Constant expression is nested too deeply");
  }

  Constant unary(unsigned depth) {
    check(depth);
    const Token token = tokens_.now();
    switch (token.kind) {
      case Token::Kind::integer: tokens_.advance(); return integer_of(token);
      case Token::Kind::float32: tokens_.advance(); return {Constant::Kind::float32, false, token.value};
      case Token::Kind::float64:
        if (token.overflows) tokens_.fail("Constant overflow");
        tokens_.advance();
        return {Constant::Kind::float64, false, token.value};
      case Token::Kind::identifier:
        if (token.text != "WARP_SZ") break;
        tokens_.advance();
        return {Constant::Kind::integer, false, 32};
      case Token::Kind::punctuation: return prefixed(token, depth);
      case Token::Kind::dot_word:
      case Token::Kind::string:
      case Token::Kind::end: break;
    }
    tokens_.fail();
  }

  Constant prefixed(const Token& token, unsigned depth) {
    if (tokens_.accept('(')) {
      if (tokens_.now().is_word(".s64") || tokens_.now().is_word(".u64")) {
        const bool is_unsigned = tokens_.now().is_word(".u64");
        tokens_.advance();
        tokens_.expect(')');
        Constant value = unary(depth + 1);
        if (value.kind != Constant::Kind::integer) tokens_.fail("Constant expression: integer expected");
        value.is_unsigned = is_unsigned;
        return value;
      }
      const Constant value = conditional(depth + 1);
      tokens_.expect(')');
      return value;
    }
    if (tokens_.accept('+')) return unary(depth + 1);
    if (tokens_.accept('-')) {
      Constant value = unary(depth + 1);
      switch (value.kind) {
        case Constant::Kind::integer: value.bits = std::uint64_t{0} - value.bits; break;
        case Constant::Kind::float32: value.bits ^= std::uint64_t{1} << 31; break;
        case Constant::Kind::float64: value.bits ^= std::uint64_t{1} << 63; break;
      }
      return value;
    }
    if (!token.is('!') && !token.is('~')) tokens_.fail();
    tokens_.advance();
    Constant value = unary(depth + 1);
    if (value.kind != Constant::Kind::integer) tokens_.fail("Constant expression: integer expected");
    if (token.is('!')) return from(value.bits == 0);
    value.bits = ~value.bits;
    return value;
  }

  Constant apply(std::uint16_t punct, const Constant& left, const Constant& right) const {
    if (left.kind == Constant::Kind::integer && right.kind == Constant::Kind::integer)
      return left.is_unsigned || right.is_unsigned ? integers<std::uint64_t>(punct, left, right)
                                                   : integers<std::int64_t>(punct, left, right);
    const double a = as_double(left);
    const double b = as_double(right);
    switch (punct) {
      case '+': return from(a + b);
      case '-': return from(a - b);
      case '*': return from(a * b);
      case '/':
        if (b == 0) tokens_.fail("Constant expression has division by zero");
        return from(a / b);
      default: tokens_.fail("Constant expression: integer expected");
    }
  }

  template <class T>
  Constant integers(std::uint16_t punct, const Constant& left, const Constant& right) const {
    const auto a = static_cast<T>(left.bits);
    const auto b = static_cast<T>(right.bits);
    const std::uint64_t count = right.bits;
    Constant result{Constant::Kind::integer, !std::numeric_limits<T>::is_signed, 0};
    switch (punct) {
      case '+': result.bits = left.bits + right.bits; return result;
      case '-': result.bits = left.bits - right.bits; return result;
      case '*': result.bits = left.bits * right.bits; return result;
      case '/':
      case '%':
        if (b == 0) tokens_.fail("Constant expression has division by zero");
        if (std::numeric_limits<T>::is_signed && b == static_cast<T>(-1)) {
          result.bits = punct == '/' ? std::uint64_t{0} - left.bits : 0;
          return result;
        }
        result.bits = static_cast<std::uint64_t>(punct == '/' ? a / b : a % b);
        return result;
      case '&': result.bits = left.bits & right.bits; return result;
      case '|': result.bits = left.bits | right.bits; return result;
      case '^': result.bits = left.bits ^ right.bits; return result;
      case two('<', '<'):
        result = left;
        result.bits = count > 63 ? 0 : left.bits << count;
        return result;
      case two('>', '>'):
        result = left;
        if (left.is_unsigned) {
          result.bits = count > 63 ? 0 : left.bits >> count;
        } else {
          const auto value = static_cast<std::int64_t>(left.bits);
          result.bits = static_cast<std::uint64_t>(value >> (count > 63 ? 63 : count));
        }
        return result;
      case '<': return from(a < b);
      case '>': return from(a > b);
      case two('<', '='): return from(a <= b);
      case two('>', '='): return from(a >= b);
      case two('=', '='): return from(a == b);
      case two('!', '='): return from(a != b);
      case two('&', '&'): return from(a != 0 && b != 0);
      case two('|', '|'): return from(a != 0 || b != 0);
      default: tokens_.fail();
    }
  }

  TokenStream& tokens_;
};

}  // namespace

Constant integer_of(const Token& token) {
  if (token.overflows) TokenStream::fail(token.line, "Constant overflow");
  return {Constant::Kind::integer, token.is_unsigned || (token.value >> 63) != 0, token.value};
}

Constant parse_constant(TokenStream& tokens) { return Evaluator(tokens).conditional(0); }
Constant parse_constant(TokenStream& tokens, const Constant& first) { return Evaluator(tokens).conditional(first, 0); }
Constant parse_term(TokenStream& tokens) { return Evaluator(tokens).binary(term_precedence, 0); }

std::uint64_t parse_integer(TokenStream& tokens) {
  const Constant constant = parse_constant(tokens);
  if (constant.kind != Constant::Kind::integer) tokens.fail("Constant expression: integer expected");
  return constant.bits;
}

std::optional<std::uint64_t> convert(const Constant& constant, Type type) {
  const unsigned bits = bits_of(type);
  const bool untyped = type == Type::b32 || type == Type::b64;
  if (constant.kind == Constant::Kind::integer) {
    if (is_floating(type)) return std::nullopt;
    return bits >= 64 ? constant.bits : constant.bits & ((std::uint64_t{1} << bits) - 1);
  }
  if (type == Type::f32 || (untyped && bits == 32)) {
    if (constant.kind == Constant::Kind::float32) return constant.bits;
    return std::bit_cast<std::uint32_t>(static_cast<float>(as_double(constant)));
  }
  // ptxas does not widen a single-precision literal: an .f64 variable gets its bits as they are.
  if (type == Type::f64 || untyped) return constant.bits;
  return std::nullopt;
}

}  // namespace cujitsu::softgpu::ptx
