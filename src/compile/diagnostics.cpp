// SPDX-License-Identifier: MIT
#include "compile/diagnostics.hpp"

#include "base/text.hpp"

#include <cujitsu/compiled_code.hpp>

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>

namespace cujitsu::compiler {
namespace {

constexpr std::array<std::string_view, 6> severities{
    "catastrophic error", "internal error", "error", "warning", "remark", "note"};

/// "error: text", "warning #177-D: text", "error #20: text" -> severity, code and text.
bool parse_severity(std::string_view rest, Diagnostic& diagnostic) {
  for (const auto severity : severities) {
    if (!rest.starts_with(severity)) continue;
    auto tail = rest.substr(severity.size());
    std::string code;
    if (tail.starts_with(" #")) {
      const auto end = tail.find(':');
      if (end == std::string_view::npos) continue;
      code = tail.substr(2, end - 2);
      tail.remove_prefix(end);
    }
    if (!tail.starts_with(":")) continue;
    diagnostic.severity = severity;
    diagnostic.code = std::move(code);
    diagnostic.text = text::trim(tail.substr(1));
    return true;
  }
  return false;
}

/// "kernel.cu(3): error: …", and "nvrtc: error: …", which has no position.
std::optional<Diagnostic> parse_head(std::string_view line) {
  Diagnostic diagnostic;
  if (constexpr std::string_view self = "nvrtc: "; line.starts_with(self))
    return parse_severity(line.substr(self.size()), diagnostic) ? std::optional(diagnostic) : std::nullopt;
  // The last "(n): " that a severity follows: a file name may hold parentheses itself.
  for (auto at = line.find("): "); at != std::string_view::npos; at = line.find("): ", at + 1)) {
    const auto open = line.rfind('(', at);
    if (open == std::string_view::npos || !parse_severity(line.substr(at + 3), diagnostic)) continue;
    const auto number = line.substr(open + 1, at - open - 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), diagnostic.line);
    if (error != std::errc() || end != number.data() + number.size()) continue;
    diagnostic.file = line.substr(0, open);
    return diagnostic;
  }
  return std::nullopt;
}

bool is_caret_line(std::string_view line) {
  return line.starts_with("  ") && line.ends_with('^') && line.find_first_not_of(" \t") == line.size() - 1;
}

}  // namespace

std::vector<Diagnostic> parse_log(std::string_view log, std::string_view name, std::string_view source) {
  constexpr std::size_t indent = 2;  // of the source line and its caret in the log
  std::vector<Diagnostic> diagnostics;
  const auto log_lines = text::lines(log);
  const auto source_lines = text::lines(source);
  for (std::size_t i = 0; i < log_lines.size(); ++i) {
    auto head = parse_head(log_lines[i]);
    if (!head) continue;
    // A long message goes on in further lines, up to the source line, whose caret line tells it from them.
    for (auto next = i + 1; next < log_lines.size() && !log_lines[next].empty() && !parse_head(log_lines[next]);
         ++next) {
      const auto line = log_lines[next];
      if (next + 1 < log_lines.size() && line.starts_with("  ") && is_caret_line(log_lines[next + 1])) {
        head->source = line.substr(indent);
        head->column = static_cast<int>(log_lines[next + 1].size() - indent);
        i = next + 1;
        break;
      }
      if (line.starts_with("   ")) head->text += "\n" + std::string(text::trim(line));
    }
    if (head->source.empty() && head->file == name && head->line > 0 &&
        static_cast<std::size_t>(head->line) <= source_lines.size())
      head->source = source_lines[static_cast<std::size_t>(head->line) - 1];
    diagnostics.push_back(std::move(*head));
  }
  return diagnostics;
}

std::string format_diagnostic(const Diagnostic& diagnostic) {
  std::string result;
  if (!diagnostic.file.empty()) {
    result = fmt::format("{}:{}:", diagnostic.file, diagnostic.line);
    if (diagnostic.column > 0) result += fmt::format("{}:", diagnostic.column);
    result += ' ';
  }
  result += fmt::format("{}{}{}: {}", diagnostic.severity, diagnostic.code.empty() ? "" : " #", diagnostic.code,
                        diagnostic.text);
  if (diagnostic.source.empty()) return result;
  const auto number = std::to_string(diagnostic.line);
  result += fmt::format("\n  {} | {}", number, diagnostic.source);
  if (diagnostic.column > 0) {
    // Tabs before the caret are kept, so that it stands under its place however wide the terminal makes them.
    std::string padding;
    for (int i = 0; i + 1 < diagnostic.column; ++i)
      padding += static_cast<std::size_t>(i) < diagnostic.source.size() &&
                         diagnostic.source[static_cast<std::size_t>(i)] == '\t'
                     ? '\t'
                     : ' ';
    result += fmt::format("\n  {} | {}^", std::string(number.size(), ' '), padding);
  }
  return result;
}

bool is_error(const Diagnostic& diagnostic) noexcept {
  return std::string_view(diagnostic.severity).ends_with("error");
}

}  // namespace cujitsu::compiler

namespace cujitsu {

std::vector<Diagnostic> CompiledCode::diagnostics() const { return compiler::parse_log(log, {}, {}); }

}  // namespace cujitsu
