// SPDX-License-Identifier: MIT
// The tokens as the grammar's functions want them: the one at hand, what must come, and the error when it does not.
#pragma once

#include "softgpu/ptx/lexer.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace cujitsu::softgpu::ptx {

class TokenStream {
 public:
  explicit TokenStream(std::string_view text) : lexer_(text), now_(lexer_.next()) {}

  [[nodiscard]] const Token& now() const noexcept { return now_; }
  /// The token after now().
  [[nodiscard]] Token peek() const {
    Lexer ahead = lexer_;
    return ahead.next();
  }
  void advance() { now_ = lexer_.next(); }

  bool accept(char c) {
    if (!now_.is(c)) return false;
    advance();
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail();
  }
  bool accept_word(std::string_view word) {
    if (!now_.is_word(word)) return false;
    advance();
    return true;
  }
  [[nodiscard]] std::string_view identifier();
  /// An unsigned number, which fits `limit`.
  [[nodiscard]] std::uint64_t number(std::uint64_t limit);
  /// At a '{' or a '(': skips to behind its end.
  void skip_block();
  void skip_parentheses();
  /// Skips the rest of a directive that is not known, now() being behind its name: to its ';', its block, or the line
  /// on which something else begins.
  void skip_directive();

  /// Throws a ParseError: "Parsing error near '…': syntax error".
  [[noreturn]] void fail() const;
  [[noreturn]] void fail(const std::string& message) const { fail(now_.line, message); }
  [[noreturn]] static void fail(std::uint32_t line, const std::string& message);
  /// As fail, for what ptxas calls an error and not fatal: wrong names.
  [[noreturn]] static void error(std::uint32_t line, const std::string& message);

 private:
  Lexer lexer_;
  Token now_;
};

/// "Unknown symbol '%r1'".
[[nodiscard]] std::string about(std::string_view what, std::string_view name);

}  // namespace cujitsu::softgpu::ptx
