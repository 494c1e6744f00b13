// SPDX-License-Identifier: MIT
#include "compile/condition.hpp"

#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace cujitsu::compiler {
namespace {

struct Value {
  bool known = false;
  bool is_unsigned = false;
  std::uint64_t bits = 0;

  [[nodiscard]] std::int64_t number() const { return static_cast<std::int64_t>(bits); }
  [[nodiscard]] Truth truth() const { return !known ? Truth::unknown : bits != 0 ? Truth::yes : Truth::no; }
};

Value truth_value(Truth truth) { return {truth != Truth::unknown, false, truth == Truth::yes ? 1U : 0U}; }
Value truth_value(bool truth) { return {true, false, truth ? 1U : 0U}; }

Value number_of(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (c != '\'') digits += c;
  unsigned base = 10;
  std::size_t at = 0;
  if (digits.size() > 1 && digits[0] == '0') {
    base = 8;
    at = 1;
    if (digits[1] == 'x' || digits[1] == 'X') base = 16;
    if (digits[1] == 'b' || digits[1] == 'B') base = 2;
    if (base != 8) at = 2;
  }
  Value value{true, false, 0};
  for (; at < digits.size(); ++at) {
    const char c = digits[at];
    const unsigned digit = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                           : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a' + 10)
                           : c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A' + 10)
                                                  : 99U;
    if (digit >= base) break;
    if (value.bits > (std::numeric_limits<std::uint64_t>::max() - digit) / base) return {};
    value.bits = value.bits * base + digit;
  }
  for (; at < digits.size(); ++at) {
    if (std::string_view("uU").find(digits[at]) != std::string_view::npos)
      value.is_unsigned = true;
    else if (std::string_view("lLzZ").find(digits[at]) == std::string_view::npos)
      return {};  // a floating number, or a user's literal
  }
  if (value.bits > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) value.is_unsigned = true;
  return value;
}

struct Operator {
  std::string_view text;
  std::string_view word;  // its other spelling
  int precedence;
};

constexpr std::array<Operator, 20> operators{
    {{"||", "or", 1}, {"&&", "and", 2},    {"|", "bitor", 3}, {"^", "xor", 4}, {"&", "bitand", 5},
     {"==", "", 6},   {"!=", "not_eq", 6}, {"<=>", "", 7},    {"<", "", 8},    {">", "", 8},
     {"<=", "", 8},   {">=", "", 8},       {"<<", "", 9},     {">>", "", 9},   {"+", "", 10},
     {"-", "", 10},   {"*", "", 11},       {"/", "", 11},     {"%", "", 11},   {"", "", 0}}};

class Evaluator {
 public:
  explicit Evaluator(const std::vector<Token>& tokens) : tokens_(tokens) {}

  Truth run() {
    const auto value = conditional();
    return failed_ || at_ != tokens_.size() ? Truth::unknown : value.truth();
  }

 private:
  static constexpr int most_depth = 200;

  [[nodiscard]] bool next_is(std::string_view mark) const { return at_ < tokens_.size() && tokens_[at_].is(mark); }
  bool take(std::string_view mark) {
    if (!next_is(mark)) return false;
    ++at_;
    return true;
  }
  Value fail() {
    failed_ = true;
    at_ = tokens_.size();
    return {};
  }

  Value conditional() {
    if (++depth_ > most_depth) return fail();
    auto condition = binary(1);
    if (take("?")) {
      const auto yes = conditional();
      if (!take(":")) return fail();
      const auto no = conditional();
      const auto truth = condition.truth();
      if (truth == Truth::unknown)
        condition = yes.known && no.known && yes.bits == no.bits ? yes : Value();
      else
        condition = truth == Truth::yes ? yes : no;
    }
    --depth_;
    return condition;
  }

  [[nodiscard]] const Operator* next_operator() const {
    if (at_ == tokens_.size()) return nullptr;
    const auto& token = tokens_[at_];
    for (const auto& each : operators) {
      if (each.precedence == 0) break;
      if (token.is(each.text)) return &each;
      if (token.kind == TokenKind::word && !each.word.empty() && token.text == each.word) return &each;
    }
    return nullptr;
  }

  Value binary(int least) {
    auto left = unary();
    for (const auto* op = next_operator(); op != nullptr && op->precedence >= least && !failed_; op = next_operator()) {
      ++at_;
      const auto right = binary(op->precedence + 1);
      left = apply(op->text, left, right);
    }
    return left;
  }

  static Value apply(std::string_view op, const Value& left, const Value& right) {
    if (op == "&&" || op == "||") {
      const auto deciding = op == "&&" ? Truth::no : Truth::yes;
      if (left.truth() == deciding || right.truth() == deciding) return truth_value(deciding);
      if (!left.known || !right.known) return {};
      return truth_value(op == "&&");
    }
    if (!left.known || !right.known) return {};
    const bool is_unsigned = left.is_unsigned || right.is_unsigned;
    const auto a = left.bits;
    const auto b = right.bits;
    const auto less = [&](const Value& x, const Value& y) {
      return is_unsigned ? x.bits < y.bits : x.number() < y.number();
    };
    if (op == "==") return truth_value(a == b);
    if (op == "!=") return truth_value(a != b);
    if (op == "<") return truth_value(less(left, right));
    if (op == ">") return truth_value(less(right, left));
    if (op == "<=") return truth_value(!less(right, left));
    if (op == ">=") return truth_value(!less(left, right));
    if (op == "+") return {true, is_unsigned, a + b};
    if (op == "-") return {true, is_unsigned, a - b};
    if (op == "*") return {true, is_unsigned, a * b};
    if (op == "&") return {true, is_unsigned, a & b};
    if (op == "|") return {true, is_unsigned, a | b};
    if (op == "^") return {true, is_unsigned, a ^ b};
    if (op == "<<") return b < 64 ? Value{true, left.is_unsigned, a << b} : Value();
    if (op == ">>") {
      if (b >= 64) return {};
      return {true, left.is_unsigned, left.is_unsigned ? a >> b : static_cast<std::uint64_t>(left.number() >> b)};
    }
    if (op == "/" || op == "%") {
      if (b == 0) return {};
      if (is_unsigned) return {true, true, op == "/" ? a / b : a % b};
      if (right.number() == -1) return {true, false, op == "/" ? 0 - a : 0};
      return {true, false,
              static_cast<std::uint64_t>(op == "/" ? left.number() / right.number() : left.number() % right.number())};
    }
    return {};
  }

  Value unary() {
    if (++depth_ > most_depth) return fail();
    const auto value = unary_inside();
    --depth_;
    return value;
  }

  Value unary_inside() {
    if (at_ == tokens_.size()) return fail();
    const auto& token = tokens_[at_++];
    switch (token.kind) {
      case TokenKind::number: return number_of(token.text);
      case TokenKind::literal: return {};
      case TokenKind::unknown: return unknown();
      case TokenKind::word:
        if (token.text == "true") return truth_value(true);
        if (token.text == "not") return negated(unary());
        if (token.text == "compl") return complement(unary());
        if (next_is("(")) return unknown();  // what may be an operator of the compiler
        return truth_value(false);
      case TokenKind::mark: break;
    }
    if (token.text == "!") return negated(unary());
    if (token.text == "~") return complement(unary());
    if (token.text == "+") return unary();
    if (token.text == "-") {
      auto value = unary();
      value.bits = 0 - value.bits;
      return value;
    }
    if (token.text != "(") return fail();
    const auto value = conditional();
    return take(")") ? value : fail();
  }

  static Value negated(const Value& value) {
    const auto truth = value.truth();
    return truth == Truth::unknown ? Value() : truth_value(truth == Truth::no);
  }
  static Value complement(Value value) {
    value.bits = ~value.bits;
    return value;
  }

  /// With its arguments, if it has some.
  Value unknown() {
    if (!next_is("(")) return {};
    int open = 0;
    while (at_ < tokens_.size()) {
      if (next_is("(")) ++open;
      if (next_is(")")) --open;
      ++at_;
      if (open == 0) return {};
    }
    return fail();
  }

  const std::vector<Token>& tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool failed_ = false;
};

}  // namespace

Truth evaluate(const std::vector<Token>& tokens) { return Evaluator(tokens).run(); }

}  // namespace cujitsu::compiler
