// SPDX-License-Identifier: MIT
// One compile in the pool.
#pragma once

#include "module/compile_target.hpp"
#include "module/worker_pool.hpp"

#include <cujitsu/compile_many.hpp>

#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace cujitsu {

/// Compiles that were asked for together. Lives as long as one of them has not ended, and keeps the workers for so long.
struct CompileGroup {
  CompileMode mode = CompileMode::automatic;
  std::atomic<std::size_t> left{0};               ///< those that have not ended
  std::atomic<std::size_t> left_with_headers{0};  ///< of these the ones that include something
  std::atomic<bool> has_processes{false};         ///< workers have been started for it: they go on to the end
  WorkerPool::Use use;

  /// Whether the next compile that misses is one for a worker process.
  [[nodiscard]] bool prefers_processes(bool has_headers) noexcept;
};

/// What a job compiles. Jobs for several devices share their request.
struct CompileTask {
  std::shared_ptr<const CompileRequest> request;
  std::optional<CompileTarget> target = {};  ///< nothing: this machine
};

/// Shared by a CompileFuture, a batch and the pool. Any thread.
class CompileJob {
 public:
  CompileJob(CompileTask task, std::shared_ptr<CompileGroup> group);
  CompileJob(CompileRequest request, std::shared_ptr<CompileGroup> group);

  /// In a thread of the pool: does nothing unless it is pending.
  void execute() noexcept;
  /// See CompileFuture, for these and on_done.
  bool cancel();
  [[nodiscard]] CompileStatus status() const noexcept { return status_.load(std::memory_order_acquire); }
  [[nodiscard]] bool has_ended() const noexcept { return status() >= CompileStatus::done; }
  [[nodiscard]] bool wait_until(std::chrono::steady_clock::time_point deadline) const;
  void on_done(std::function<void()> function);

  /// After the end.
  [[nodiscard]] const CompiledCode& code() const noexcept { return code_; }
  [[nodiscard]] const std::exception_ptr& error() const noexcept { return error_; }
  [[nodiscard]] const CompileRequest& request() const noexcept { return *task_.request; }
  /// nullptr: this machine.
  [[nodiscard]] const CompileTarget* target() const noexcept { return task_.target ? &*task_.target : nullptr; }
  /// The code for the only one who asks: it is not kept.
  [[nodiscard]] CompiledCode take_code() noexcept { return std::move(code_); }

  /// Throws Error in a forked child.
  void check_process() const;

  // For the runner, within execute().
  [[nodiscard]] bool prefers_process() const noexcept;
  [[nodiscard]] bool is_cancelled() const noexcept { return is_cancelled_.load(); }
  /// Names the worker that cancel() has to kill; nullptr: none.
  void set_worker(WorkerProcess* worker);

 private:
  void end(CompileStatus status, std::unique_lock<std::mutex> lock);

  const CompileTask task_;
  const bool has_headers_;
  const pid_t process_;
  std::shared_ptr<CompileGroup> group_;  ///< until it has ended

  std::atomic<bool> is_cancelled_{false};
  std::atomic<CompileStatus> status_{CompileStatus::pending};
  mutable std::mutex mutex_;
  mutable std::condition_variable ended_;
  WorkerProcess* worker_ = nullptr;
  std::vector<std::function<void()>> callbacks_;
  CompiledCode code_;
  std::exception_ptr error_;
};

}  // namespace cujitsu
