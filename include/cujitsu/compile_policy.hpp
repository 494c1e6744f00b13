// SPDX-License-Identifier: MIT
// Whether this process may run a compiler.
#pragma once

#include <cujitsu/export.hpp>

#include <string_view>

namespace cujitsu {

enum class CompilePolicy {
  allow,   ///< what is not in the kernel cache is compiled
  forbid,  ///< what is not in the kernel cache is a CompileForbiddenError
};

/// "allow" or "forbid".
[[nodiscard]] CUJITSU_API std::string_view to_string(CompilePolicy policy) noexcept;

/// What set_compile_policy has set, else CUJITSU_COMPILE, which is read when first needed. Any thread.
[[nodiscard]] CUJITSU_API CompilePolicy compile_policy() noexcept;

/// For the whole process, from the next compile on.
CUJITSU_API void set_compile_policy(CompilePolicy policy) noexcept;

}  // namespace cujitsu
