// SPDX-License-Identifier: MIT
#include "compile/include_scan.hpp"

#include "compile/source_cursor.hpp"

#include <cctype>

namespace cujitsu::compiler {
namespace {

/// The headers that a source names.
class IncludeScanner {
 public:
  explicit IncludeScanner(std::string_view source) : source_(source) {}

  std::vector<Include> run() {
    bool line_start = true;
    while (!source_.at_end()) {
      const char c = source_.peek();
      if (c == '\n') {
        line_start = true;
        source_.advance();
      } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
        source_.advance();
      } else if (source_.skip_comment()) {
        continue;
      } else if (c == '#' && line_start) {
        source_.advance();
        directive();
        line_start = false;
      } else if (c == '%' && line_start && source_.peek(1) == ':') {  // the digraph for #
        source_.advance();
        source_.advance();
        directive();
        line_start = false;
      } else {
        line_start = false;
        skip_token();
      }
    }
    return std::move(includes_);
  }

 private:
  void directive() {
    source_.skip_blanks();
    const int line = source_.line();
    const auto name = source_.word();
    if (name == "include" || name == "include_next" || name == "import") {
      source_.skip_blanks();
      header_name(line);
    } else if (name == "if" || name == "elif" || name == "define") {
      // __has_include may stand in the rest of the line
      while (!source_.at_end() && source_.peek() != '\n') {
        if (source_.skip_comment()) continue;
        if (!SourceCursor::is_word(source_.peek())) {
          source_.advance();
          continue;
        }
        const auto next = source_.word();
        if (next != "__has_include" && next != "__has_include_next") continue;
        source_.skip_blanks();
        if (source_.peek() != '(') continue;  // #ifdef-like use
        source_.advance();
        source_.skip_blanks();
        header_name(line);
      }
    }
  }

  void header_name(int line) {
    const char open = source_.peek();
    const char close = open == '<' ? '>' : '"';
    Include include{{}, line};
    if (open == '<' || open == '"') {
      source_.advance();
      while (!source_.at_end() && source_.peek() != close && source_.peek() != '\n') {
        include.name += source_.peek();
        source_.advance();
      }
      if (source_.peek() == close) source_.advance();
    }
    includes_.push_back(std::move(include));
  }

  void skip_token() {
    const auto word = source_.word();
    if (!source_.skip_literal(word) && word.empty()) source_.advance();
  }

  SourceCursor source_;
  std::vector<Include> includes_;
};

}  // namespace

std::vector<Include> scan_includes(std::string_view source) {
  if (source.find('#') == std::string_view::npos && source.find("%:") == std::string_view::npos &&
      source.find("%\\") == std::string_view::npos)
    return {};  // most kernels have no directive at all
  return IncludeScanner(source).run();
}

}  // namespace cujitsu::compiler
