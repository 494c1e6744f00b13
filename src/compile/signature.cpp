// SPDX-License-Identifier: MIT
#include "compile/signature.hpp"

#include "base/text.hpp"
#include "compile/c_type.hpp"
#include "compile/element_types.hpp"

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

namespace {

/// With what the C type adds to what PTX or the driver say.
ParameterKind kind_of(const ParameterType& parameter) {
  if (parameter.size == 8 && is_pointer(parameter.c_type)) return ParameterKind::pointer;
  // PTX has a __grid_constant__ parameter as bytes, whatever its type.
  if (parameter.kind != ParameterKind::unknown && parameter.kind != ParameterKind::aggregate) return parameter.kind;
  const auto element = element_named(parameter.c_type);
  const bool is_scalar = element.size == parameter.size && element.lanes == 1 && element.size <= 8;
  if (is_scalar && element.kind == ElementType::Kind::integer) return ParameterKind::integer;
  if (is_scalar && element.kind == ElementType::Kind::floating && element.size >= 4) return ParameterKind::floating;
  return ParameterKind::aggregate;
}

}  // namespace

KernelSignature make_signature(std::vector<ParameterType> parameters, const SignatureSources& sources) {
  KernelSignature signature{sources.function.name, std::move(parameters)};
  const auto count = signature.parameters.size();
  const auto& types = sources.compiler_types.size() == count ? sources.compiler_types : sources.function.parameters;
  const bool has_types = types.size() == count;
  const bool has_names = sources.parameter_names.size() == count;
  for (std::size_t i = 0; i < count; ++i) {
    auto& parameter = signature.parameters[i];
    if (has_names) parameter.name = sources.parameter_names[i];
    if (!has_types) continue;
    parameter.c_type = c_style(types[i]);
    parameter.kind = kind_of(parameter);
    if (parameter.kind != ParameterKind::pointer) continue;
    auto pointee = pointee_of(parameter.c_type);
    parameter.pointee = std::move(pointee.type);
    parameter.pointee_is_const = pointee.is_const;
  }
  return signature;
}

}  // namespace compiler

std::string to_string(const ParameterType& parameter) {
  std::string type = parameter.c_type;
  if (type.empty()) {
    switch (parameter.kind) {
      case ParameterKind::integer: type = fmt::format(".u{}", 8 * parameter.size); break;
      case ParameterKind::floating: type = fmt::format(".f{}", 8 * parameter.size); break;
      case ParameterKind::pointer: type = fmt::format(".u{} .ptr", 8 * parameter.size); break;
      case ParameterKind::aggregate: type = fmt::format(".b8[{}]", parameter.size); break;
      case ParameterKind::unknown: type = fmt::format(".b{}", 8 * parameter.size); break;
    }
  }
  if (parameter.name.empty()) return type;
  // The name of a pointer to a function, or of a reference to an array, stands within its type.
  for (const std::string_view inner : {"(*", "(&"})
    if (const auto at = type.find(inner); at != std::string::npos) {
      type.insert(at + inner.size(), parameter.name);
      return type;
    }
  return type + ' ' + parameter.name;
}

std::string KernelSignature::to_string() const {
  std::string text = kernel + '(';
  const char* separator = "";
  for (const auto& parameter : parameters) {
    text += std::exchange(separator, ", ");
    text += cujitsu::to_string(parameter);
  }
  return text + ')';
}

}  // namespace cujitsu
