// SPDX-License-Identifier: MIT
#include "compile/pch_prefix.hpp"

#include "compile/source_cursor.hpp"

#include <cctype>
#include <string>

namespace cujitsu::compiler {
namespace {

bool is_include(std::string_view name) { return name == "include" || name == "include_next" || name == "import"; }

/// The offset of a line, counted from 1, or nothing behind the last.
std::size_t line_offset(std::string_view source, int line) {
  std::size_t at = 0;
  for (int i = 1; i < line; ++i) {
    const auto end = source.find('\n', at);
    if (end == std::string_view::npos) return source.size();
    at = end + 1;
  }
  return at;
}

}  // namespace

std::optional<PchPrefix> pch_prefix(std::string_view source) {
  SourceCursor cursor(source);
  int depth = 0;                   // of #if
  bool block_has_include = false;  // within the outermost #if
  int last_line = 0;               // of the last directive that may end the prefix
  while (!cursor.at_end()) {
    if (std::isspace(static_cast<unsigned char>(cursor.peek())) != 0) {
      cursor.advance();
      continue;
    }
    if (cursor.skip_comment()) continue;
    if (cursor.peek() != '#') break;  // the first token: the digraph counts as one
    cursor.advance();
    cursor.skip_blanks();
    const auto name = cursor.word();
    if (name == "line" || (!name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) != 0))
      return std::nullopt;
    if (name == "if" || name == "ifdef" || name == "ifndef") {
      if (depth++ == 0) block_has_include = false;
    } else if (name == "endif") {
      if (depth > 0 && --depth == 0 && block_has_include) last_line = -1;
    } else if (is_include(name)) {
      if (depth == 0)
        last_line = -1;
      else
        block_has_include = true;
    }
    // To the end of the directive: a comment in it may go on in the next lines, which then belong to it.
    while (!cursor.at_end() && cursor.peek() != '\n') {
      if (cursor.skip_comment()) continue;
      if (is_include(name) || !cursor.skip_literal()) cursor.advance();
    }
    if (last_line == -1) last_line = cursor.line();
  }
  if (last_line <= 0) return std::nullopt;
  const auto bytes = line_offset(source, last_line + 1);
  if (bytes >= source.size()) return std::nullopt;  // nothing follows
  return PchPrefix{bytes, last_line + 1};
}

}  // namespace cujitsu::compiler
