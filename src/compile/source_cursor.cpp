// SPDX-License-Identifier: MIT
#include "compile/source_cursor.hpp"

#include <algorithm>

namespace cujitsu::compiler {

void SourceCursor::advance() {
  if (peek() == '\n') ++line_;
  ++at_;
  skip_continuations();
}

void SourceCursor::skip_continuations() {
  while (peek() == '\\' && (peek(1) == '\n' || (peek(1) == '\r' && peek(2) == '\n'))) {
    at_ += peek(1) == '\n' ? 2 : 3;
    ++line_;
  }
}

bool SourceCursor::skip_comment() {
  if (peek() != '/') return false;
  if (peek(1) == '/') {
    skip_line();
    return true;
  }
  if (peek(1) != '*') return false;
  at_ += 2;
  while (!at_end() && !(peek() == '*' && peek(1) == '/')) advance();
  at_ = std::min(source_.size(), at_ + 2);
  skip_continuations();
  return true;
}

void SourceCursor::skip_blanks() {
  while (!at_end()) {
    if (peek() == ' ' || peek() == '\t' || peek() == '\r')
      advance();
    else if (!skip_comment())
      return;
  }
}

void SourceCursor::skip_line() {
  while (!at_end() && peek() != '\n') advance();
}

std::string SourceCursor::word() {
  std::string result;
  while (!at_end() && is_word(peek())) {
    result += peek();
    advance();
  }
  return result;
}

bool SourceCursor::skip_literal(std::string_view prefix) {
  if (peek() != '"' && peek() != '\'') return false;
  if (peek() == '"' && prefix.ends_with('R')) {
    skip_raw_string();
    return true;
  }
  const char quote = peek();
  advance();
  while (!at_end() && peek() != quote && peek() != '\n') {
    if (peek() == '\\') advance();
    advance();
  }
  if (peek() == quote) advance();
  return true;
}

void SourceCursor::skip_raw_string() {
  const auto open = source_.find('(', at_);
  if (open == std::string_view::npos) return advance();
  const auto end_mark = ")" + std::string(source_.substr(at_ + 1, open - at_ - 1)) + "\"";
  const auto end = std::min(source_.size(), source_.find(end_mark, open));
  line_ += static_cast<int>(std::ranges::count(source_.substr(at_, end - at_), '\n'));
  at_ = std::min(source_.size(), end + end_mark.size());
}

}  // namespace cujitsu::compiler
