// SPDX-License-Identifier: MIT
// From the name that a user writes to the one that the driver knows.
#pragma once

#include <cujitsu/compiled_code.hpp>

#include <string>
#include <string_view>

namespace cujitsu::compiler {

/// By plain or qualified name, name expression, full signature or lowered name, in this order of preference: lowered
/// name, name expression, signature, qualified name, last part of it. Throws ArgumentError when nothing or more than one
/// thing fits.
[[nodiscard]] const KernelInfo& find_kernel(const CompiledCode& code, std::string_view name);

/// The lowered name of a variable, by its qualified name, the last part of it, a name expression ("&coefficients") or its
/// lowered name. Throws ArgumentError.
[[nodiscard]] const std::string& find_global(const CompiledCode& code, std::string_view name);

}  // namespace cujitsu::compiler
