// SPDX-License-Identifier: MIT
// Text to tokens, one at a time.
#pragma once

#include <cstdint>
#include <string_view>

namespace cujitsu::softgpu::ptx {

struct Token {
  enum class Kind : std::uint8_t {
    end,
    identifier,  ///< %r1, $L__BB0_1, foo, _
    dot_word,    ///< .global, .L2::128B: with the dot
    integer,     ///< value; is_unsigned with U
    float32,     ///< value: the bits
    float64,     ///< value: the bits
    string,      ///< text without the quotes, escapes as they are
    punctuation,
  };
  Kind kind = Kind::end;
  bool first_on_line = false;
  bool is_unsigned = false;
  bool overflows = false;   ///< an integer that 64 bits do not hold
  std::uint16_t punct = 0;  ///< its character, or two (see `two`)
  std::uint32_t line = 1;
  std::uint64_t value = 0;
  std::string_view text;

  [[nodiscard]] bool is(char c) const noexcept {
    return kind == Kind::punctuation && punct == static_cast<unsigned char>(c);
  }
  [[nodiscard]] bool is_word(std::string_view word) const noexcept { return kind == Kind::dot_word && text == word; }
};

/// Token::punct of a token of two characters: two('<', '<').
[[nodiscard]] constexpr std::uint16_t two(char first, char second) noexcept {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(first) | (static_cast<unsigned char>(second) << 8));
}

/// Throws ParseError for a comment or a string without an end.
class Lexer {
 public:
  explicit Lexer(std::string_view text) noexcept : text_(text) {}

  [[nodiscard]] Token next();
  /// Having read a '{': skips to behind its '}', whatever is between but for strings and comments.
  void skip_block();

 private:
  [[nodiscard]] bool skip_space();
  [[nodiscard]] char at(std::size_t ahead) const noexcept {
    return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
  }
  void take(Token& token, std::size_t length) noexcept;
  void take_number(Token& token);
  void take_string(Token& token);

  std::string_view text_;
  std::size_t position_ = 0;
  std::uint32_t line_ = 1;
  bool line_start_ = true;
};

}  // namespace cujitsu::softgpu::ptx
