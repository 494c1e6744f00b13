// SPDX-License-Identifier: MIT
// Walks over the characters of a C++ source.
#pragma once

#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>

namespace cujitsu::compiler {

/// A place in a source, which must outlive it; a backslash at a line's end joins it to the next.
class SourceCursor {
 public:
  explicit SourceCursor(std::string_view source) : source_(source) { skip_continuations(); }

  [[nodiscard]] static bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

  [[nodiscard]] bool at_end() const noexcept { return at_ >= source_.size(); }
  [[nodiscard]] int line() const noexcept { return line_; }  ///< from 1
  /// '\0' behind the end.
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }

  void advance();
  /// False where no comment begins.
  bool skip_comment();
  /// Blanks and comments, to the end of the line.
  void skip_blanks();
  /// Letters, digits and underscores; empty where there are none.
  [[nodiscard]] std::string word();
  /// A string or character literal, raw ones included; `prefix` is the word before it. False where none begins.
  bool skip_literal(std::string_view prefix = {});
  /// The rest of a line.
  void skip_line();

 private:
  void skip_continuations();
  void skip_raw_string();

  std::string_view source_;
  std::size_t at_ = 0;
  int line_ = 1;
};

}  // namespace cujitsu::compiler
