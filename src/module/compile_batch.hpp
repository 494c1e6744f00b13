// SPDX-License-Identifier: MIT
// Many compiles that were asked for together.
#pragma once

#include "module/compile_job.hpp"

#include <cujitsu/compile_many.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace cujitsu {

/// Begins to compile when it is made; at most `workers` of it (0: CompilePool::default_workers) are with the pool at a time,
/// so that others get their turn. One that is destroyed early cancels what has not ended. Any thread.
class CompileBatch {
 public:
  CompileBatch(std::vector<CompileTask> tasks, unsigned workers, CompileMode mode);
  CompileBatch(std::vector<CompileRequest> requests, unsigned workers, CompileMode mode);
  ~CompileBatch();
  CompileBatch(const CompileBatch&) = delete;
  CompileBatch& operator=(const CompileBatch&) = delete;

  [[nodiscard]] std::size_t size() const noexcept;
  /// Waits until more than `seen` of them have ended, or all, or the time is up; returns how many have.
  [[nodiscard]] std::size_t wait(std::size_t seen, std::chrono::steady_clock::time_point deadline) const;
  /// The index of the one that has ended as `position`th, from 0; so many have.
  [[nodiscard]] std::size_t ended_as(std::size_t position) const;
  [[nodiscard]] CompileJob& job(std::size_t index) const noexcept;
  void cancel() const;
  /// Returns when all have ended: worker processes are killed, and NVRTC in a thread comes to the end of its phase.
  void cancel_and_wait() const;
  /// All have ended. The results in order, or what compile_many throws.
  [[nodiscard]] std::vector<CompiledCode> results() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace cujitsu
