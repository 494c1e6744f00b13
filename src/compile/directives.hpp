// SPDX-License-Identifier: MIT
// The preprocessing directives of one text, and its tokens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::compiler {

enum class DirectiveKind : std::uint8_t {
  include,
  include_next,
  define,
  undef,
  if_,
  ifdef,
  ifndef,
  elif,
  elif_maybe,  ///< elifdef and elifndef: some NVRTC know them, NVRTC 13.0 passes over them
  else_,
  endif,
  pragma,
};

struct Directive {
  DirectiveKind kind;
  int line;               ///< from 1
  std::size_t begin;      ///< offset of the '#'
  std::size_t end;        ///< offset of the line break that ends it
  std::string_view rest;  ///< behind the name: one line, no continuations; each comment is one blank
};

/// A text and its directives, conditions not looked at. The views point into the text or into `joined`.
struct DirectiveText {
  std::shared_ptr<const std::string> text;
  std::deque<std::string> joined;  ///< lines that had continuations or comments
  std::vector<Directive> directives;
  bool has_trigraph = false;    ///< a meaning that depends on the dialect
  bool has_raw_string = false;  ///< likewise
  bool has_line_directive = false;
  std::string_view guard = {};  ///< the include guard around everything, so that nothing is left where it is defined
  bool may_be_once = false;     ///< a _Pragma or a macro may say `once`
  bool varies = false;          ///< see names_varying_macro
};

/// Whether a text has a macro that is something else in each program, or at each time: __BASE_FILE__, __DATE__, __TIME__,
/// __TIMESTAMP__.
[[nodiscard]] bool names_varying_macro(std::string_view text);

/// Comments, strings, raw strings, continued lines and digraphs are understood as NVRTC does, in skipped groups too.
[[nodiscard]] std::shared_ptr<const DirectiveText> find_directives(std::shared_ptr<const std::string> text);

enum class TokenKind : std::uint8_t {
  word,
  number,
  literal,  ///< a string or a character
  mark,     ///< an operator or any other character
  unknown,  ///< stands for a value that only the compiler knows
};

/// The macros that a token is no longer replaced by, a list.
struct HiddenMacro {
  std::string_view name;
  const HiddenMacro* next;
};

struct Token {
  TokenKind kind = TokenKind::mark;
  bool spaced = false;  ///< a blank stands before it
  std::string_view text;
  const HiddenMacro* hidden = nullptr;

  [[nodiscard]] bool is(std::string_view mark) const { return kind == TokenKind::mark && text == mark; }
};

/// The first word of a line, as letters, digits and underscores.
[[nodiscard]] std::string_view first_word(std::string_view line);

/// Appends the tokens of one line.
void tokenize(std::string_view line, std::vector<Token>& tokens);

}  // namespace cujitsu::compiler
