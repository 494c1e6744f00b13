// SPDX-License-Identifier: MIT
// Under what a thread compiles: who runs NVRTC for it, and whether it has been told to stop.
#pragma once

#include "base/header_record.hpp"
#include "nvrtc/nvrtc.hpp"

#include <cujitsu/compile_options.hpp>
#include <cujitsu/compiled_code.hpp>

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::compiler {

/// One run of NVRTC, as compiler::run is asked for it.
struct RunRequest {
  const nvrtc::Nvrtc& nvrtc;
  std::string_view source;
  const CompileOptions& options;  ///< supplies headers, name expressions, the name, and whether headers are precompiled
  const std::string& arch;
  const std::vector<std::string>& nvrtc_options;  ///< the whole command line
  const ClosureRecord* leading = nullptr;         ///< that of what can be precompiled; nullptr: nothing is precompiled
};

/// Somebody else who can run NVRTC: another process, say. The cache, the key and the reasons stay with the caller.
class Runner {
 public:
  virtual ~Runner() = default;
  /// Nothing when this one is better run here. Throws what compiler::run throws, and CancelledError.
  [[nodiscard]] virtual std::optional<CompiledCode> run(const RunRequest& request) = 0;
};

struct RunContext {
  Runner* runner = nullptr;                         ///< nullptr: NVRTC runs in this thread
  const std::atomic<bool>* is_cancelled = nullptr;  ///< set by any thread; ends a run between two phases of NVRTC
};

/// The calling thread's; empty for a thread that nobody has given one.
[[nodiscard]] const RunContext& run_context() noexcept;

/// Gives the calling thread a context for its lifetime.
class ScopedRunContext {
 public:
  explicit ScopedRunContext(RunContext context) noexcept;
  ~ScopedRunContext();
  ScopedRunContext(const ScopedRunContext&) = delete;
  ScopedRunContext& operator=(const ScopedRunContext&) = delete;

 private:
  RunContext before_;
};

}  // namespace cujitsu::compiler
