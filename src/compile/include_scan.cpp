// SPDX-License-Identifier: MIT
#include "compile/include_scan.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace cujitsu::compiler {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Walks over a source's characters; a backslash at a line's end joins it to the next.
class Scanner {
 public:
  explicit Scanner(std::string_view source) : source_(source) {}

  std::vector<Include> run() {
    bool line_start = true;
    while (skip_continuations(), at_ < source_.size()) {
      const char c = source_[at_];
      if (c == '\n') {
        line_start = true;
        advance();
      } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
        advance();
      } else if (skip_comment()) {
        continue;
      } else if (c == '#' && line_start) {
        advance();
        directive();
        line_start = false;
      } else if (c == '%' && line_start && peek(1) == ':') {  // the digraph for #
        advance();
        advance();
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
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }

  void advance() {
    if (peek() == '\n') ++line_;
    ++at_;
    skip_continuations();
  }

  void skip_continuations() {
    while (peek() == '\\' && (peek(1) == '\n' || (peek(1) == '\r' && peek(2) == '\n'))) {
      at_ += peek(1) == '\n' ? 2 : 3;
      ++line_;
    }
  }

  bool skip_comment() {
    if (peek() != '/') return false;
    if (peek(1) == '/') {
      while (at_ < source_.size() && peek() != '\n') advance();
      return true;
    }
    if (peek(1) != '*') return false;
    at_ += 2;
    while (at_ < source_.size() && !(peek() == '*' && peek(1) == '/')) advance();
    at_ = std::min(source_.size(), at_ + 2);
    return true;
  }

  void skip_blanks() {
    while (at_ < source_.size()) {
      if (peek() == ' ' || peek() == '\t' || peek() == '\r')
        advance();
      else if (peek() != '/' || (peek(1) != '*' && peek(1) != '/') || !skip_comment())
        return;
    }
  }

  std::string word() {
    std::string result;
    while (at_ < source_.size() && is_word(peek())) {
      result += peek();
      advance();
    }
    return result;
  }

  void directive() {
    skip_blanks();
    const int line = line_;
    const auto name = word();
    if (name == "include" || name == "include_next" || name == "import") {
      skip_blanks();
      header_name(line);
    } else if (name == "if" || name == "elif" || name == "define") {
      // __has_include may stand in the rest of the line
      while (at_ < source_.size() && peek() != '\n') {
        if (skip_comment()) continue;
        if (!is_word(peek())) {
          advance();
          continue;
        }
        const auto next = word();
        if (next != "__has_include" && next != "__has_include_next") continue;
        skip_blanks();
        if (peek() != '(') continue;  // #ifdef-like use
        advance();
        skip_blanks();
        header_name(line);
      }
    }
  }

  void header_name(int line) {
    const char open = peek();
    const char close = open == '<' ? '>' : '"';
    Include include{{}, line};
    if (open == '<' || open == '"') {
      advance();
      while (at_ < source_.size() && peek() != close && peek() != '\n') {
        include.name += peek();
        advance();
      }
      if (peek() == close) advance();
    }
    includes_.push_back(std::move(include));
  }

  void skip_token() {
    if (is_word(peek())) {
      const auto token = word();
      if (peek() == '"' && token.ends_with('R')) skip_raw_string();
    } else if (peek() == '"' || peek() == '\'') {
      const char quote = peek();
      advance();
      while (at_ < source_.size() && peek() != quote && peek() != '\n') {
        if (peek() == '\\') advance();
        advance();
      }
      if (peek() == quote) advance();
    } else {
      advance();
    }
  }

  void skip_raw_string() {
    const auto open = source_.find('(', at_);
    if (open == std::string_view::npos) return advance();
    const auto end_mark = ")" + std::string(source_.substr(at_ + 1, open - at_ - 1)) + "\"";
    const auto end = std::min(source_.size(), source_.find(end_mark, open));
    line_ += static_cast<int>(std::ranges::count(source_.substr(at_, end - at_), '\n'));
    at_ = std::min(source_.size(), end + end_mark.size());
  }

  std::string_view source_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::vector<Include> includes_;
};

bool is_file(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

/// Options whose effect lies in files that are not part of the key.
std::string file_option(const std::vector<std::string>& options) {
  constexpr std::array<std::string_view, 14> prefixes{"-pch",
                                                      "--pch",
                                                      "-create-pch",
                                                      "--create-pch",
                                                      "-use-pch",
                                                      "--use-pch",
                                                      "-pch-dir",
                                                      "--pch-dir",
                                                      "-include=",
                                                      "-fdevice-time-trace",
                                                      "--fdevice-time-trace",
                                                      "-pre-include",
                                                      "--pre-include",
                                                      "--use-bundled-headers"};
  for (const auto& option : options) {
    for (const auto prefix : prefixes)
      if (option.starts_with(prefix)) return option;
    if (option == "-include") return option;
  }
  return {};
}

bool has_include_option(const std::vector<std::string>& options) {
  return std::ranges::any_of(options, [](const std::string& option) {
    return option.starts_with("-I") || option.starts_with("--include-path") || option.starts_with("-include-path");
  });
}

}  // namespace

std::vector<Include> scan_includes(std::string_view source) {
  if (source.find('#') == std::string_view::npos && source.find("%:") == std::string_view::npos &&
      source.find("%\\") == std::string_view::npos)
    return {};  // most kernels have no directive at all
  return Scanner(source).run();
}

IncludeVerdict judge_includes(std::string_view source, const CompileOptions& options) {
  IncludeVerdict verdict;
  if (const auto option = file_option(options.options); !option.empty()) {
    verdict.bypass_reason = fmt::format("the option {} reads or writes files that the cache does not track", option);
    return verdict;
  }
  struct Text {
    std::string_view text;
    std::string_view name;
  };
  std::vector<Text> texts{{source, options.name}};
  for (const auto& header : options.headers) texts.push_back({header.text, header.name});
  const bool user_dirs = !options.include_dirs.empty() || has_include_option(options.options);
  for (const auto& [text, name] : texts)
    for (const auto& include : scan_includes(text)) {
      const auto where = fmt::format("{} line {}", name, include.line);
      if (include.name.empty()) {
        verdict.bypass_reason =
            fmt::format("{} includes a header whose name a macro makes; the cache can not track it", where);
        return verdict;
      }
      if (std::ranges::any_of(options.headers, [&](const Header& header) { return header.name == include.name; }))
        continue;
      const auto in = [&](const std::string& folder) { return is_file(folder + "/" + include.name); };
      for (const auto& folder : options.include_dirs)
        if (in(folder)) {
          verdict.bypass_reason = fmt::format(
              "{} includes {}/{}, which is outside the toolkit's folders; the cache does not track such headers yet",
              where, folder, include.name);
          return verdict;
        }
      if (include.name.starts_with('/') && is_file(include.name)) {
        verdict.bypass_reason = fmt::format(
            "{} includes {}, which is outside the toolkit's folders; the cache does not track such headers yet", where,
            include.name);
        return verdict;
      }
      if (user_dirs) {
        // A header of the toolkit may include further ones, and those a user's folder would shadow.
        verdict.bypass_reason = fmt::format(
            "{} includes {} and there are user include folders, which may shadow what that includes; the cache does "
            "not track such headers yet",
            where, include.name);
        return verdict;
      }
      // Also for one that is found nowhere (an inactive branch, __has_include): it stays so while the toolkit is the same.
      verdict.uses_toolkit_headers = true;
    }
  return verdict;
}

}  // namespace cujitsu::compiler
