// SPDX-License-Identifier: MIT
// One run of NVRTC.
#pragma once

#include "compile/run_context.hpp"

#include <cujitsu/compiled_code.hpp>

namespace cujitsu::compiler {

/// Everything but the cache's part of CompiledCode. Where the calling thread has a runner, that one may do it. Throws
/// CompileError; CancelledError when the calling thread's context says so.
[[nodiscard]] CompiledCode run(const RunRequest& request);

/// The same in this thread, whatever its context says of a runner.
[[nodiscard]] CompiledCode run_here(const RunRequest& request);

}  // namespace cujitsu::compiler
