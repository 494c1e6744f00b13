// SPDX-License-Identifier: MIT
#include "compile/signature.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <utility>

namespace cujitsu {
namespace compiler {
namespace {

/// Splits at commas that stand in no bracket.
std::vector<std::string> split_types(std::string_view text) {
  std::vector<std::string> types;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '(' || c == '<' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == '>' || c == ']' || c == '}') --depth;
    if (c == ',' && depth == 0) {
      types.emplace_back(text::trim(text.substr(start, i - start)));
      start = i + 1;
    }
  }
  if (const auto last = text::trim(text.substr(start)); !last.empty()) types.emplace_back(last);
  return types;
}

constexpr std::string_view anonymous = "(anonymous namespace)::";

bool is_operator_angle(std::string_view text, std::size_t at) {
  return text.substr(0, at).ends_with("operator") || (at > 0 && text[at - 1] == '-');
}

}  // namespace

FunctionName parse_function_name(std::string_view demangled) {
  std::string text(demangled);
  for (auto at = text.find(anonymous); at != std::string::npos; at = text.find(anonymous, at))
    text.erase(at, anonymous.size());
  FunctionName result;
  result.name = text;
  if (text.empty() || text.back() != ')') return result;
  // the '(' that the last ')' closes; template arguments may hold parentheses of their own
  int depth = 0;
  std::size_t open = text.size();
  while (open-- > 0) {
    if (text[open] == ')') ++depth;
    if (text[open] == '(' && --depth == 0) break;
  }
  if (open == std::string::npos || open == 0) return result;
  result.is_function = true;
  result.parameters = split_types(std::string_view(text).substr(open + 1, text.size() - open - 2));
  // a template's demangled name starts with its return type: cut at the last blank outside brackets
  std::string_view head = std::string_view(text).substr(0, open);
  std::size_t start = 0;
  int angle = 0;
  for (std::size_t i = 0; i < head.size(); ++i) {
    if ((head[i] == '<' || head[i] == '(') && !is_operator_angle(head, i)) ++angle;
    if ((head[i] == '>' || head[i] == ')') && !is_operator_angle(head, i)) --angle;
    if (head[i] == ' ' && angle == 0) start = i + 1;
  }
  result.name = head.substr(start);
  return result;
}

KernelSignature make_signature(std::vector<ParameterType> parameters, const std::string& lowered_name) {
  KernelSignature signature{std::move(parameters)};
  const auto function = parse_function_name(text::demangle(lowered_name));
  if (!function.is_function || function.parameters.size() != signature.parameters.size()) return signature;
  for (std::size_t i = 0; i < signature.parameters.size(); ++i) {
    auto& parameter = signature.parameters[i];
    parameter.c_type = function.parameters[i];
    if (parameter.kind == ParameterKind::integer && parameter.size == 8 &&
        (parameter.c_type.ends_with('*') || parameter.c_type.ends_with('&') ||
         parameter.c_type.ends_with("__restrict__")))
      parameter.kind = ParameterKind::pointer;
  }
  return signature;
}

}  // namespace compiler

std::string KernelSignature::to_string() const {
  std::string text = "(";
  for (const auto& parameter : parameters) {
    if (text.size() > 1) text += ", ";
    if (!parameter.c_type.empty()) {
      text += parameter.c_type;
    } else {
      switch (parameter.kind) {
        case ParameterKind::integer: text += fmt::format(".u{}", 8 * parameter.size); break;
        case ParameterKind::floating: text += fmt::format(".f{}", 8 * parameter.size); break;
        case ParameterKind::pointer: text += fmt::format(".u{} .ptr", 8 * parameter.size); break;
        case ParameterKind::aggregate: text += fmt::format(".b8[{}]", parameter.size); break;
      }
    }
  }
  return text + ")";
}

}  // namespace cujitsu
