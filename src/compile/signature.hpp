// SPDX-License-Identifier: MIT
// Joins what PTX, the mangled name, the compiler and the source tell of a kernel's parameters.
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

/// What is known of a kernel besides its PTX.
struct SignatureSources {
  FunctionName function;                     ///< from its lowered name
  std::vector<std::string> compiler_types;   ///< from the probe; empty where there was none
  std::vector<std::string> parameter_names;  ///< from the source; empty where it does not tell
};

/// `parameters` from PTX, completed with the types of the probe, else of the mangled name, and with names. A list of
/// another length is no answer and is passed over.
[[nodiscard]] KernelSignature make_signature(std::vector<ParameterType> parameters, const SignatureSources& sources);

}  // namespace cujitsu::compiler
