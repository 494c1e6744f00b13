// SPDX-License-Identifier: MIT
#include "compile/directives.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace cujitsu::compiler {
namespace {

constexpr auto make_word_characters() {
  std::array<bool, 256> table{};
  for (int c = 0; c < 256; ++c)
    table[static_cast<std::size_t>(c)] =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c >= 128;
  return table;
}
constexpr auto word_characters = make_word_characters();

bool is_word(char c) { return word_characters[static_cast<unsigned char>(c)]; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }
bool is_raw_prefix(std::string_view word) {
  return word == "R" || word == "LR" || word == "uR" || word == "UR" || word == "u8R";
}

std::optional<DirectiveKind> directive_kind(std::string_view name) {
  using enum DirectiveKind;
  constexpr std::array<std::pair<std::string_view, DirectiveKind>, 15> kinds{{{"include", include},
                                                                              {"include_next", include_next},
                                                                              {"import", include},
                                                                              {"define", define},
                                                                              {"undef", undef},
                                                                              {"if", if_},
                                                                              {"ifdef", ifdef},
                                                                              {"ifndef", ifndef},
                                                                              {"elif", elif},
                                                                              {"elifdef", elif_maybe},
                                                                              {"elifndef", elif_maybe},
                                                                              {"else", else_},
                                                                              {"endif", endif},
                                                                              {"pragma", pragma},
                                                                              {"line", pragma}}};
  for (const auto& [known, kind] : kinds)
    if (known == name) return kind;
  return std::nullopt;
}

/// What a skipped piece of text must be looked at for.
constexpr auto make_interesting() {
  std::array<bool, 256> table{};
  for (const unsigned char c : {'\n', '"', '\'', '/', '\\'}) table[c] = true;
  return table;
}
constexpr auto interesting = make_interesting();

class DirectiveFinder {
 public:
  explicit DirectiveFinder(DirectiveText& result) : result_(result), text_(*result.text) {}

  void run() {
    while (at_ < text_.size()) {
      skip_blanks_and_comments();
      const auto start = at_;
      if (peek() == '#') {
        ++at_;
        directive(start);
      } else if (peek() == '%' && peek_next() == ':') {
        at_ = next(at_) + 1;
        directive(start);
      }
      skip_line();
    }
  }

 private:
  /// Behind a continuation that may stand at `at`.
  [[nodiscard]] std::size_t spliced(std::size_t at) const {
    while (at + 1 < text_.size() && text_[at] == '\\') {
      if (text_[at + 1] == '\n')
        at += 2;
      else if (text_[at + 1] == '\r' && at + 2 < text_.size() && text_[at + 2] == '\n')
        at += 3;
      else
        break;
    }
    return at;
  }
  [[nodiscard]] std::size_t next(std::size_t at) const { return spliced(at + 1); }
  [[nodiscard]] char get(std::size_t at) const { return at < text_.size() ? text_[at] : '\0'; }
  [[nodiscard]] char peek() const { return get(at_); }
  [[nodiscard]] char peek_next() const { return get(next(at_)); }

  /// False where no comment begins.
  bool skip_comment() {
    if (peek() != '/') return false;
    const char second = peek_next();
    if (second == '/') {
      while (at_ < text_.size() && peek() != '\n') at_ = next(at_);
      return true;
    }
    if (second != '*') return false;
    at_ = next(next(at_));
    while (at_ < text_.size() && !(peek() == '*' && peek_next() == '/')) at_ = next(at_);
    if (at_ < text_.size()) at_ = next(next(at_));
    return true;
  }

  void skip_blanks_and_comments() {
    at_ = spliced(at_);
    while (at_ < text_.size()) {
      if (is_blank(peek()))
        at_ = next(at_);
      else if (!skip_comment())
        return;
    }
  }

  /// The word that ends before `at`, continuations left out.
  [[nodiscard]] std::string word_before(std::size_t at) const {
    std::string reversed;
    while (at > 0 && reversed.size() < 1000) {
      const char c = text_[at - 1];
      if (is_word(c) || c == '.' || c == '\'') {
        reversed += c;
        --at;
      } else if (c == '\n' && at >= 2 && text_[at - 2] == '\\') {
        at -= 2;
      } else if (c == '\n' && at >= 3 && text_[at - 2] == '\r' && text_[at - 3] == '\\') {
        at -= 3;
      } else {
        break;
      }
    }
    std::ranges::reverse(reversed);
    return reversed;
  }

  /// At a quote: behind the literal, or behind the quote where it separates the digits of a number.
  void skip_literal() {
    const char quote = peek();
    auto before = word_before(at_);
    if (quote == '\'') {
      const auto start = before.find_first_not_of('.');
      if (start != std::string::npos && is_digit(before[start])) {
        at_ = next(at_);
        return;
      }
    } else {
      if (const auto end = before.find_last_of(".'"); end != std::string::npos) before.erase(0, end + 1);
      if (is_raw_prefix(before)) return skip_raw_string();
    }
    at_ = next(at_);
    while (at_ < text_.size() && peek() != quote && peek() != '\n') {
      if (peek() == '\\') at_ = next(at_);
      if (at_ < text_.size()) at_ = next(at_);
    }
    if (peek() == quote) at_ = next(at_);
  }

  void skip_raw_string() {
    result_.has_raw_string = true;
    const auto open = text_.find('(', at_);
    if (open == std::string_view::npos || open - at_ > 17) {  // no raw string: NVRTC will say so
      at_ = next(at_);
      return;
    }
    const auto mark = ")" + std::string(text_.substr(at_ + 1, open - at_ - 1)) + "\"";
    const auto end = text_.find(mark, open);
    at_ = end == std::string_view::npos ? text_.size() : spliced(end + mark.size());
  }

  /// To the beginning of the next line.
  void skip_line() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (!interesting[static_cast<unsigned char>(c)]) {
        ++at_;
      } else if (c == '\n') {
        ++at_;
        return;
      } else if (c == '\\') {
        const auto behind = spliced(at_);
        at_ = behind == at_ ? at_ + 1 : behind;
      } else if (c == '/') {
        if (!skip_comment()) at_ = next(at_);
      } else {
        skip_literal();
      }
    }
  }

  [[nodiscard]] int line_of(std::size_t at) {
    line_ += static_cast<int>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(counted_),
                                         text_.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    counted_ = at;
    return line_;
  }

  void directive(std::size_t start) {
    skip_blanks_and_comments();
    std::string name;
    while (is_word(peek()) && name.size() < 20) {
      name += peek();
      at_ = next(at_);
    }
    if (name == "line") result_.has_line_directive = true;
    const auto kind = directive_kind(name);
    if (!kind) return;
    const bool takes_header = *kind == DirectiveKind::include || *kind == DirectiveKind::include_next;
    const auto rest = collect_rest(takes_header);
    result_.directives.push_back({*kind, line_of(start), start, at_, rest});
  }

  /// The rest of a directive's line: a view of the text where nothing had to be changed in it.
  std::string_view collect_rest(bool takes_header) {
    const auto begin = at_;
    std::string changed;
    bool is_changed = false;
    auto from = at_;  // what is not in `changed` yet
    const auto flush = [&](std::size_t to, std::size_t resume, std::string_view between) {
      changed.append(text_.substr(from, to - from));
      changed += between;
      from = resume;
      is_changed = true;
    };
    bool in_header = false;
    bool at_start = true;
    while (at_ < text_.size() && peek() != '\n') {
      const char c = peek();
      if (c == '\\') {
        const auto behind = spliced(at_);
        if (behind != at_) {
          flush(at_, behind, {});
          at_ = behind;
          continue;
        }
        ++at_;
      } else if (takes_header && at_start && c == '<') {
        in_header = true;
        ++at_;
      } else if (in_header) {
        if (c == '>') in_header = false;
        ++at_;
      } else if (c == '/') {
        const auto comment = at_;
        if (skip_comment())
          flush(comment, at_, " ");
        else
          ++at_;
      } else if (c == '"' && takes_header && at_start) {  // no escapes in a header's name
        ++at_;
        while (at_ < text_.size() && peek() != '"' && peek() != '\n') ++at_;
        if (peek() == '"') ++at_;
      } else if (c == '"' || c == '\'') {
        const auto literal = at_;
        skip_literal();
        const auto piece = text_.substr(literal, at_ - literal);
        if (piece.find("\\\n") != std::string_view::npos || piece.find("\\\r\n") != std::string_view::npos) {
          std::string joined;
          for (auto i = spliced(literal); i < at_; i = next(i)) joined += get(i);
          flush(literal, at_, joined);
        }
      } else {
        ++at_;
      }
      if (!is_blank(c)) at_start = false;
    }
    if (!is_changed) return text_.substr(begin, at_ - begin);
    flush(at_, at_, {});
    result_.joined.push_back(std::move(changed));
    return result_.joined.back();
  }

  DirectiveText& result_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t counted_ = 0;
  int line_ = 1;
};

bool has_trigraph(std::string_view text) {
  for (auto at = text.find("??"); at != std::string_view::npos; at = text.find("??", at + 1))
    if (at + 2 < text.size() && std::string_view("=/'()!<>-").find(text[at + 2]) != std::string_view::npos) return true;
  return false;
}

/// Of #ifndef NAME … #endif without an #else; #pragma once may stand before or behind it.
std::string_view guard_of(const std::vector<Directive>& directives) {
  const auto is_pragma = [](const Directive& each) { return each.kind == DirectiveKind::pragma; };
  const auto first = std::ranges::find_if_not(directives, is_pragma);
  if (first == directives.end() || first->kind != DirectiveKind::ifndef) return {};
  int depth = 0;
  for (auto each = first; each != directives.end(); ++each) {
    using enum DirectiveKind;
    if (each->kind == if_ || each->kind == ifdef || each->kind == ifndef) ++depth;
    if (depth == 1 && (each->kind == elif || each->kind == elif_maybe || each->kind == else_)) return {};
    if (each->kind == endif && --depth == 0)
      return std::all_of(each + 1, directives.end(), is_pragma) ? first_word(first->rest) : std::string_view();
  }
  return {};
}

}  // namespace

std::string_view first_word(std::string_view line) {
  std::size_t start = 0;
  while (start < line.size() && is_blank(line[start])) ++start;
  std::size_t end = start;
  while (end < line.size() && is_word(line[end])) ++end;
  return line.substr(start, end - start);
}

bool names_varying_macro(std::string_view text) {
  constexpr std::array<std::string_view, 4> ends{"BASE_FILE__", "DATE__", "TIME__", "TIMESTAMP__"};
  return std::ranges::any_of(ends, [&](std::string_view end) { return text.find(end) != std::string_view::npos; });
}

std::shared_ptr<const DirectiveText> find_directives(std::shared_ptr<const std::string> text) {
  auto result = std::make_shared<DirectiveText>();
  result->text = std::move(text);
  const std::string_view view = *result->text;
  result->has_trigraph = has_trigraph(view);
  result->may_be_once =
      view.find("(once)") != std::string_view::npos || view.find("\"once\"") != std::string_view::npos;
  result->varies = names_varying_macro(view);
  DirectiveFinder(*result).run();
  result->guard = guard_of(result->directives);
  return result;
}

void tokenize(std::string_view line, std::vector<Token>& tokens) {
  constexpr std::array<std::string_view, 24> marks{"%:%:", "...", "<=>", "<<=", ">>=", "##", "&&", "||",
                                                   "==",   "!=",  "<=",  ">=",  "<<",  ">>", "%:", "::",
                                                   "->",   "++",  "--",  "<:",  ":>",  "<%", "%>", "+="};
  std::size_t at = 0;
  bool spaced = false;
  const auto push = [&](TokenKind kind, std::size_t length) {
    tokens.push_back({kind, spaced, line.substr(at, length)});
    at += tokens.back().text.size();
    spaced = false;
  };
  while (at < line.size()) {
    const char c = line[at];
    const char second = at + 1 < line.size() ? line[at + 1] : '\0';
    if (is_blank(c) || c == '\n') {
      spaced = true;
      ++at;
    } else if (is_digit(c) || (c == '.' && is_digit(second))) {
      auto end = at + 1;
      while (end < line.size()) {
        const char d = line[end];
        const bool is_sign =
            (d == '+' || d == '-') && std::string_view("eEpP").find(line[end - 1]) != std::string_view::npos;
        const bool is_separator = d == '\'' && end + 1 < line.size() && is_word(line[end + 1]);
        if (!is_word(d) && d != '.' && !is_sign && !is_separator) break;
        ++end;
      }
      push(TokenKind::number, end - at);
    } else if (is_word(c) || c == '"' || c == '\'') {
      auto end = at;
      while (end < line.size() && is_word(line[end])) ++end;
      const auto word = line.substr(at, end - at);
      const char quote = end < line.size() ? line[end] : '\0';
      const bool is_prefix = word.empty() || word == "L" || word == "u" || word == "U" || word == "u8";
      if (quote == '"' && is_raw_prefix(word)) {
        const auto open = line.find('(', end);
        const auto mark =
            open == std::string_view::npos ? "\"" : ")" + std::string(line.substr(end + 1, open - end - 1)) + "\"";
        const auto close = open == std::string_view::npos ? open : line.find(mark, open);
        push(TokenKind::literal, close == std::string_view::npos ? line.size() - at : close + mark.size() - at);
      } else if ((quote == '"' || quote == '\'') && is_prefix) {
        ++end;
        while (end < line.size() && line[end] != quote) end += line[end] == '\\' ? 2 : 1;
        push(TokenKind::literal, std::min(line.size(), end + 1) - at);
      } else {
        push(TokenKind::word, end - at);
      }
    } else {
      std::size_t length = 1;
      for (const auto mark : marks)
        if (line.substr(at).starts_with(mark)) {
          length = mark.size();
          break;
        }
      push(TokenKind::mark, length);
    }
  }
}

}  // namespace cujitsu::compiler
