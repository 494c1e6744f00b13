// SPDX-License-Identifier: MIT
// Refuses a compile where compiling is forbidden.
#pragma once

#include <cujitsu/compile_options.hpp>
#include <cujitsu/compile_policy.hpp>

#include <string>
#include <string_view>

namespace cujitsu {

/// Why a compile is answered by no entry.
struct NoHit {
  std::string key = {};  ///< of the entry that would have been a hit; empty for a bypass, and where there is no NVRTC
  std::string reason;
  bool is_asked = true;  ///< false for a bypass
};

/// `options.arch` is what is asked for, never empty. Throws CompileForbiddenError.
[[noreturn]] void refuse_to_compile(std::string_view source, const CompileOptions& options, NoHit no_hit);

}  // namespace cujitsu
