// SPDX-License-Identifier: MIT
// One run of NVRTC.
#pragma once

#include "nvrtc/nvrtc.hpp"

#include <cujitsu/compile_options.hpp>
#include <cujitsu/compiled_code.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::compiler {

/// Everything but the cache's part of CompiledCode. `options` supplies headers, name expressions and the name;
/// `nvrtc_options` is the whole command line. Where the calling thread has a runner (run_context.hpp), that one may do it.
/// Throws CompileError; CancelledError when the calling thread's context says so.
[[nodiscard]] CompiledCode run(const nvrtc::Nvrtc& nvrtc, std::string_view source, const CompileOptions& options,
                               const std::string& arch, const std::vector<std::string>& nvrtc_options);

/// The same in this thread, whatever its context says of a runner.
[[nodiscard]] CompiledCode run_here(const nvrtc::Nvrtc& nvrtc, std::string_view source, const CompileOptions& options,
                                    const std::string& arch, const std::vector<std::string>& nvrtc_options);

}  // namespace cujitsu::compiler
