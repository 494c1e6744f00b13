// SPDX-License-Identifier: MIT
#include "compile/header_name.hpp"

#include <cstddef>

namespace cujitsu::compiler {
namespace {

std::string_view without_leading_blanks(std::string_view text) noexcept {
  const auto start = text.find_first_not_of(" \t\r\v\f");
  return start == std::string_view::npos ? std::string_view() : text.substr(start);
}

}  // namespace

bool is_spelled_out(std::string_view rest) noexcept {
  const auto text = without_leading_blanks(rest);
  return text.starts_with('<') || text.starts_with('"');
}

std::optional<HeaderName> spelled_out_name(std::string_view rest) {
  const auto text = without_leading_blanks(rest);
  const bool is_quoted = text.starts_with('"');
  const auto end = text.find(is_quoted ? '"' : '>', 1);
  if (end == std::string_view::npos) return std::nullopt;
  return HeaderName{std::string(text.substr(1, end - 1)), is_quoted};
}

Naming header_name(const std::vector<Token>& tokens, HeaderName& result) {
  if (tokens.empty()) return Naming::none;
  const auto& first = tokens[0];
  if (first.kind == TokenKind::literal && first.text.size() >= 2 && first.text[0] == '"') {
    result = {std::string(first.text.substr(1, first.text.size() - 2)), true};
    return Naming::good;
  }
  if (!first.is("<")) return Naming::none;
  result = {};
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    if (tokens[i].is(">")) return tokens[i].spaced ? Naming::blanks : Naming::good;
    if (tokens[i].spaced) return Naming::blanks;
    result.name += tokens[i].text;
  }
  return Naming::none;
}

}  // namespace cujitsu::compiler
