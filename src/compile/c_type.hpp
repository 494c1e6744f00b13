// SPDX-License-Identifier: MIT
// The text of a C++ type, taken apart as far as a kernel's parameters need it.
#pragma once

#include <string>
#include <string_view>

namespace cujitsu::compiler {

/// A demangler's "float const*" as a person writes it: "const float*". What is more than a name with qualifiers, pointers
/// and references, such as a pointer to a function, comes back as it is.
[[nodiscard]] std::string c_style(std::string_view demangled);

/// What a pointer points at: "const float*" is "float", constant; "float* const*" is "float*", constant.
struct Pointee {
  std::string type;  ///< without const and volatile; empty where `c_type` is no pointer
  bool is_const = false;
};
[[nodiscard]] Pointee pointee_of(std::string_view c_type);

/// Whether the outermost part of the type is a pointer or a reference, to an object or a function.
[[nodiscard]] bool is_pointer(std::string_view c_type) noexcept;

}  // namespace cujitsu::compiler
