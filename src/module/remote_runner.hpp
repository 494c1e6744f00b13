// SPDX-License-Identifier: MIT
// Runs NVRTC in a worker process.
#pragma once

#include "compile/run_context.hpp"

namespace cujitsu {

class CompileJob;

/// For one job, in the thread that executes it: asks whether a worker should do it when it is known that the cache has not.
class RemoteRunner final : public compiler::Runner {
 public:
  explicit RemoteRunner(CompileJob& job) noexcept : job_(job) {}
  /// Nothing when it is better run in this thread, or no worker can be had. A worker that dies costs one more try; then
  /// throws Error.
  [[nodiscard]] std::optional<CompiledCode> run(const compiler::RunRequest& request) override;

 private:
  CompileJob& job_;
};

}  // namespace cujitsu
