// SPDX-License-Identifier: MIT
// Code that some other compiler made.
#pragma once

#include <cujitsu/compiled_code.hpp>

#include <string>

namespace cujitsu::compiler {

/// Throws ArgumentError for text without a .version, or with a NUL byte.
[[nodiscard]] CompiledCode code_of_ptx(std::string ptx);

/// Throws ArgumentError for bytes that are no ELF file.
[[nodiscard]] CompiledCode code_of_cubin(std::string cubin);

}  // namespace cujitsu::compiler
