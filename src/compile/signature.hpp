// SPDX-License-Identifier: MIT
// Joins what PTX and the mangled name tell of a kernel's parameters.
#pragma once

#include <cujitsu/signature.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::compiler {

/// A demangled function name in parts: "void ns::scale<float>(float*, int)" is "ns::scale<float>" and two types.
struct FunctionName {
  std::string name;                     ///< qualified, with template arguments
  std::vector<std::string> parameters;  ///< as the demangler writes them
  bool is_function = false;             ///< false for extern "C" names and variables, which carry no parameters
};

[[nodiscard]] FunctionName parse_function_name(std::string_view demangled);

/// `parameters` from PTX, completed with C types where the mangled name has as many.
[[nodiscard]] KernelSignature make_signature(std::vector<ParameterType> parameters, const std::string& lowered_name);

}  // namespace cujitsu::compiler
