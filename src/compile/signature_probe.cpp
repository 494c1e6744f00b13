// SPDX-License-Identifier: MIT
#include "compile/signature_probe.hpp"

#include "base/text.hpp"
#include "compile/signature.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace cujitsu::compiler {
namespace {

constexpr std::string_view variable = "__cujitsu_signature";
constexpr std::string_view absent = "__cujitsu_absent";

/// There are no variable templates before C++14.
bool has_variable_templates(const std::vector<std::string>& options) {
  return std::ranges::none_of(options, [](const std::string& option) {
    return option.ends_with("c++03") || option.ends_with("c++11") || option.ends_with("c++0x");
  });
}

/// "scale<float>", and no address, cast or call.
bool is_template_name(std::string_view expression) {
  const auto first = static_cast<unsigned char>(expression.empty() ? '\0' : expression[0]);
  return (std::isalpha(first) != 0 || first == '_' || first == ':') && expression.find('<') != std::string_view::npos &&
         expression.find('(') == std::string_view::npos;
}

std::string question(std::string_view name) { return fmt::format("&{}<decltype(&{})>", variable, name); }

}  // namespace

SignatureProbe::SignatureProbe(const std::vector<DeclaredKernel>& kernels, const CompileOptions& options) {
  if (!has_variable_templates(options.options)) return;
  std::set<std::string> names;
  std::set<std::string> scopes;
  const auto is_asked_for = [&](const std::string& name) {
    return std::ranges::find(options.name_expressions, name) != options.name_expressions.end();
  };
  for (const auto& kernel : kernels) {
    if (!kernel.is_extern_c) continue;
    const auto name = kernel.scope + kernel.name;
    if (is_asked_for(kernel.name) || is_asked_for(name)) continue;
    if (!names.insert(kernel.name).second) continue;
    scopes.insert(kernel.scope);
    questions_.push_back({kernel.name, question("::" + name)});
  }
  for (const auto& expression : options.name_expressions) {
    // Our declaration would make an unqualified name in a user's expression ambiguous; but what they name, is there.
    const bool is_plain = std::ranges::any_of(kernels, [&](const DeclaredKernel& kernel) {
      return kernel.is_extern_c && (kernel.name == expression || kernel.scope + kernel.name == expression);
    });
    if (is_plain || is_template_name(expression)) questions_.push_back({expression, question(expression)});
  }
  if (questions_.empty()) return;

  text_ = fmt::format("\n\n#line 1 \"{}\"\n", variable);
  if (!names.empty()) {
    text_ += fmt::format("namespace {} {{ __device__ int {}(); }}\n", absent, fmt::join(names, "(), "));
    for (const auto& scope : scopes) {
      const auto use = fmt::format("using namespace ::{};", absent);
      if (scope.empty())
        text_ += use + '\n';
      else
        text_ += fmt::format("namespace {} {{ {} }}\n", std::string_view(scope).substr(0, scope.size() - 2), use);
    }
  }
  text_ += fmt::format("template <class> __device__ char {};\n", variable);
}

bool SignatureProbe::is_mentioned(std::string_view log) {
  return log.find(variable) != std::string_view::npos || log.find(absent) != std::string_view::npos;
}

bool SignatureProbe::is_own(std::string_view lowered_name) {
  return lowered_name.find(variable) != std::string_view::npos;
}

std::vector<std::string> SignatureProbe::types(const std::string& lowered_name) {
  // "__cujitsu_signature<void (*)(float*, int)>", and " noexcept" perhaps
  const auto text = text::demangle(lowered_name);
  constexpr std::string_view pointer = "<void (*)(";
  const auto open = text.find(pointer);
  const auto close = text.rfind(')');
  if (!text.starts_with(variable) || open != variable.size() || close == std::string::npos) return {};
  const auto start = open + pointer.size() - 1;
  return parse_function_name("f" + text.substr(start, close + 1 - start)).parameters;
}

}  // namespace cujitsu::compiler
