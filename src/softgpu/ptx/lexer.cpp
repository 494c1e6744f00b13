// SPDX-License-Identifier: MIT
// Text to tokens, one at a time.
#include "softgpu/ptx/lexer.hpp"

#include "softgpu/ptx/parser.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <system_error>

namespace cujitsu::softgpu::ptx {
namespace {

enum : std::uint8_t { follows = 1, starts = 2, digit = 4, hex_digit = 8 };

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = 'a'; c <= 'z'; ++c) classes[c] = follows | starts;
  for (unsigned c = 'A'; c <= 'Z'; ++c) classes[c] = follows | starts;
  for (unsigned c = '0'; c <= '9'; ++c) classes[c] = follows | digit | hex_digit;
  for (unsigned c = 'a'; c <= 'f'; ++c) classes[c] |= hex_digit;
  for (unsigned c = 'A'; c <= 'F'; ++c) classes[c] |= hex_digit;
  classes['_'] = classes['$'] = follows | starts;
  classes['%'] = starts;
  return classes;
}
constexpr auto classes = make_classes();

bool is(char c, std::uint8_t which) noexcept { return (classes[static_cast<unsigned char>(c)] & which) != 0; }

bool is_pair(char first, char second) noexcept {
  switch (first) {
    case '<': return second == '<' || second == '=';
    case '>': return second == '>' || second == '=';
    case '=': return second == '=';
    case '!': return second == '=';
    case '&': return second == '&';
    case '|': return second == '|';
    default: return false;
  }
}

}  // namespace

/// Whether there was a line break, or nothing yet: the next token is the first of its line.
bool Lexer::skip_space() {
  bool broken = line_start_;
  line_start_ = false;
  while (position_ < text_.size()) {
    const char c = text_[position_];
    if (c == '\n') {
      ++line_;
      ++position_;
      broken = true;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v') {
      ++position_;
    } else if (c == '/' && at(1) == '/') {
      const std::size_t end = text_.find('\n', position_);
      position_ = end == std::string_view::npos ? text_.size() : end;
    } else if (c == '/' && at(1) == '*') {
      const std::size_t end = text_.find("*/", position_ + 2);
      if (end == std::string_view::npos)
        throw ParseError(ParseError::Kind::syntax, line_, "Parsing error near '': unexpected EOF while scanning");
      for (; position_ < end + 2; ++position_)
        if (text_[position_] == '\n') {
          ++line_;
          broken = true;
        }
    } else {
      break;
    }
  }
  return broken;
}

void Lexer::take(Token& token, std::size_t length) noexcept {
  token.text = text_.substr(position_, length);
  position_ += length;
}

Token Lexer::next() {
  Token token;
  token.first_on_line = skip_space();
  token.line = line_;
  if (position_ >= text_.size()) return token;
  const char c = text_[position_];
  std::size_t length = 1;
  if (is(c, starts) && (c != '%' || is(at(1), follows))) {
    while (is(at(length), follows)) ++length;
    token.kind = Token::Kind::identifier;
    take(token, length);
  } else if (c == '.' && is(at(1), follows)) {
    while (is(at(length), follows) || (at(length) == ':' && at(length + 1) == ':' && is(at(length + 2), follows)))
      length += at(length) == ':' ? std::size_t{2} : std::size_t{1};
    token.kind = Token::Kind::dot_word;
    take(token, length);
  } else if (is(c, digit)) {
    take_number(token);
  } else if (c == '"') {
    take_string(token);
  } else {
    token.kind = Token::Kind::punctuation;
    token.punct = static_cast<unsigned char>(c);
    if (is_pair(c, at(1))) {
      token.punct = two(c, at(1));
      length = 2;
    }
    take(token, length);
  }
  return token;
}

void Lexer::take_number(Token& token) {
  const auto count = [this](std::size_t from, std::uint8_t which) {
    std::size_t length = from;
    while (is(at(length), which)) ++length;
    return length - from;
  };
  const char second = at(1);
  int base = 10;
  std::size_t prefix = 0;
  if (at(0) == '0') {
    if (((second == 'f' || second == 'F') && count(2, hex_digit) >= 8) ||
        ((second == 'd' || second == 'D') && count(2, hex_digit) >= 16)) {
      const bool is_single = second == 'f' || second == 'F';
      token.kind = is_single ? Token::Kind::float32 : Token::Kind::float64;
      take(token, is_single ? 10 : 18);
      std::from_chars(token.text.data() + 2, token.text.data() + token.text.size(), token.value, 16);
      return;
    }
    if ((second == 'x' || second == 'X') && is(at(2), hex_digit)) {
      base = 16;
      prefix = 2;
    } else if ((second == 'b' || second == 'B') && (at(2) == '0' || at(2) == '1')) {
      base = 2;
      prefix = 2;
    } else if (is(second, digit)) {
      base = 8;
      prefix = 1;
    }
  }
  if (prefix != 2) {
    const std::size_t whole = count(0, digit);
    std::size_t length = whole;
    if (at(length) == '.' && is(at(length + 1), digit)) length += 1 + count(length + 1, digit);
    if (at(length) == 'e' || at(length) == 'E') {
      const std::size_t sign = at(length + 1) == '+' || at(length + 1) == '-' ? 1 : 0;
      if (is(at(length + 1 + sign), digit)) length += 1 + sign + count(length + 1 + sign, digit);
    }
    if (length > whole) {
      token.kind = Token::Kind::float64;
      take(token, length);
      double value = 0;
      const auto result = std::from_chars(token.text.data(), token.text.data() + token.text.size(), value);
      if (result.ec == std::errc::result_out_of_range) token.overflows = true;
      token.value = std::bit_cast<std::uint64_t>(value);
      return;
    }
  }
  token.kind = Token::Kind::integer;
  const char* const begin = text_.data() + position_;
  const auto result = std::from_chars(begin + prefix, text_.data() + text_.size(), token.value, base);
  token.overflows = result.ec == std::errc::result_out_of_range;
  std::size_t length = result.ptr > begin ? static_cast<std::size_t>(result.ptr - begin) : 1;
  if (prefix == 1 && length <= prefix) length = 1;  // "09": an octal 0, then something else
  if (at(length) == 'U') {
    token.is_unsigned = true;
    ++length;
  }
  take(token, length);
}

void Lexer::take_string(Token& token) {
  token.kind = Token::Kind::string;
  std::size_t length = 1;
  while (at(length) != '"') {
    if (at(length) == '\\') ++length;
    if (position_ + length >= text_.size() || at(length) == '\n')
      throw ParseError(ParseError::Kind::syntax, line_, "Parsing error near '\"': syntax error");
    ++length;
  }
  token.text = text_.substr(position_ + 1, length - 1);
  position_ += length + 1;
}

void Lexer::skip_block() {
  for (std::size_t depth = 1; depth > 0;) {
    (void)skip_space();
    if (position_ >= text_.size())
      throw ParseError(ParseError::Kind::syntax, line_, "Parsing error near '': syntax error");
    const char c = text_[position_];
    if (c == '"') {
      Token token;
      take_string(token);
      continue;
    }
    if (c == '{') ++depth;
    if (c == '}') --depth;
    ++position_;
  }
}

}  // namespace cujitsu::softgpu::ptx
