// SPDX-License-Identifier: MIT
#include "compile/kernel_names.hpp"

#include "base/text.hpp"
#include "compile/c_type.hpp"
#include "compile/signature.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace cujitsu::compiler {
namespace {

/// Without blanks, so that "add( float *,int )" and "add(float*, int)" are the same.
std::string squeeze(std::string_view text) {
  std::string result;
  for (const char c : text)
    if (c != ' ' && c != '\t') result += c;
  return result;
}

/// "ns::scale<float>" -> "scale<float>".
std::string_view last_part(std::string_view name) {
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i + 1 < name.size(); ++i) {
    if (name[i] == '<' || name[i] == '(') ++depth;
    if (name[i] == '>' || name[i] == ')') --depth;
    if (depth == 0 && name[i] == ':' && name[i + 1] == ':') start = i + 2;
  }
  return name.substr(start);
}

/// "scale<float>" -> "scale".
std::string_view without_arguments(std::string_view name) { return name.substr(0, name.find('<')); }

std::string listing(const std::vector<std::string>& names) {
  constexpr std::size_t most = 20;
  std::string result;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) result += "\n  " + names[i];
  if (names.size() > most) result += fmt::format("\n  … and {} more", names.size() - most);
  return result;
}

/// "add(float*, int)" or "add(float* y, int n)", with const on either side of a type.
bool is_full_name(const KernelInfo& kernel, const FunctionName& wanted) {
  const auto& parameters = kernel.signature.parameters;
  if (!wanted.is_function || squeeze(wanted.name) != squeeze(kernel.name) ||
      wanted.parameters.size() != parameters.size())
    return false;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto type = squeeze(c_style(wanted.parameters[i]));
    auto unnamed = parameters[i];
    unnamed.name.clear();
    if (type != squeeze(to_string(unnamed)) && type != squeeze(to_string(parameters[i]))) return false;
  }
  return true;
}

[[noreturn]] void raise_unknown_kernel(const CompiledCode& code, std::string_view name) {
  if (code.kernels.empty())
    throw ArgumentError(
        fmt::format("there is no kernel '{}': the compiled code holds no kernels. A template needs a name "
                    "expression, such as name_expressions=[\"{}<float>\"]; a kernel needs __global__",
                    name, name));
  std::vector<std::string> plain;
  std::vector<std::string> full;
  for (const auto& kernel : code.kernels) {
    plain.push_back(kernel.name);
    plain.emplace_back(last_part(kernel.name));
    full.push_back(kernel.signature.to_string());
  }
  const auto guess = text::nearest(name, plain);
  throw ArgumentError(fmt::format("there is no kernel '{}'{}; the kernels are:{}", name,
                                  guess ? fmt::format("; did you mean '{}'?", *guess) : "", listing(full)));
}

/// The one kernel that `fits`; nullptr for none; throws for several.
template <class Fits>
const KernelInfo* the_one(const CompiledCode& code, std::string_view name, const Fits& fits) {
  std::vector<const KernelInfo*> found;
  for (const auto& kernel : code.kernels)
    if (fits(kernel)) found.push_back(&kernel);
  if (found.empty()) return nullptr;
  if (found.size() == 1) return found[0];
  std::vector<std::string> names;
  for (const auto* kernel : found) names.push_back(kernel->signature.to_string() + "    " + kernel->lowered_name);
  throw ArgumentError(fmt::format(
      "'{}' is ambiguous: ask for one of these by its whole signature or its lowered name:{}", name, listing(names)));
}

const std::string* by_expression(const CompiledCode& code, std::string_view name) {
  const auto wanted = squeeze(name);
  for (const auto& [expression, lowered] : code.lowered_names)
    if (expression == name || squeeze(expression) == wanted) return &lowered;
  return nullptr;
}

}  // namespace

const KernelInfo& find_kernel(const CompiledCode& code, std::string_view name) {
  const auto lowered = by_expression(code, name);
  const auto wanted = squeeze(name);
  const auto has_lowered_name = [&](const KernelInfo& kernel) {
    return kernel.lowered_name == name || (lowered != nullptr && kernel.lowered_name == *lowered);
  };
  const auto wanted_function = parse_function_name(name);
  const auto has_signature = [&](const KernelInfo& kernel) { return is_full_name(kernel, wanted_function); };
  const auto has_name = [&](const KernelInfo& kernel) { return squeeze(kernel.name) == wanted; };
  const auto has_last_part = [&](const KernelInfo& kernel) { return squeeze(last_part(kernel.name)) == wanted; };
  const auto is_instance = [&](const KernelInfo& kernel) {
    return squeeze(without_arguments(kernel.name)) == wanted ||
           squeeze(without_arguments(last_part(kernel.name))) == wanted;
  };
  if (const auto* kernel = the_one(code, name, has_lowered_name)) return *kernel;
  if (const auto* kernel = the_one(code, name, has_signature)) return *kernel;
  if (const auto* kernel = the_one(code, name, has_name)) return *kernel;
  if (const auto* kernel = the_one(code, name, has_last_part)) return *kernel;
  if (const auto* kernel = the_one(code, name, is_instance)) return *kernel;
  raise_unknown_kernel(code, name);
}

const std::string& find_global(const CompiledCode& code, std::string_view name) {
  if (const auto* lowered = by_expression(code, name)) return *lowered;
  if (const auto* lowered = by_expression(code, fmt::format("&{}", name))) return *lowered;
  for (const auto& [plain, lowered] : code.globals)
    if (plain == name || lowered == name) return lowered;
  const std::string* found = nullptr;
  std::vector<std::string> names;
  for (const auto& [plain, lowered] : code.globals) {
    names.push_back(plain);
    if (last_part(plain) != name) continue;
    if (found != nullptr)
      throw ArgumentError(fmt::format("'{}' is ambiguous: ask for the variable by its qualified name", name));
    found = &lowered;
  }
  if (found != nullptr) return *found;
  const auto guess = text::nearest(name, names);
  throw ArgumentError(fmt::format("there is no variable '{}'{}; {}", name,
                                  guess ? fmt::format("; did you mean '{}'?", *guess) : "",
                                  names.empty() ? "the compiled code holds no __device__ or __constant__ variables"
                                                : "the variables are:" + listing(names)));
}

}  // namespace cujitsu::compiler
