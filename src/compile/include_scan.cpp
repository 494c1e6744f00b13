// SPDX-License-Identifier: MIT
#include "compile/include_scan.hpp"

#include "compile/source_cursor.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <algorithm>
#include <array>
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
  return IncludeScanner(source).run();
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
