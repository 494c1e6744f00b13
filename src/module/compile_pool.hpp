// SPDX-License-Identifier: MIT
// The threads that compile.
#pragma once

#include "module/compile_job.hpp"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace cujitsu {

/// Made by the first job; a thread is made when a job finds none idle, up to a limit, and stays until the process exits. Jobs
/// begin in the order in which they came. Never destroyed. Any thread.
class CompilePool {
 public:
  /// This process's own: a forked child begins with none.
  static CompilePool& instance();
  /// How many compiles run at once where nobody says: CUJITSU_COMPILE_WORKERS, else usable_cpus(). Read when first asked.
  [[nodiscard]] static unsigned default_workers();
  /// Cancels what has not ended and waits for the threads: at once but where NVRTC runs in one, which stops at its next
  /// phase; it is left alone after some seconds. Nothing is compiled by the pool afterwards. For the exit of the process, or
  /// of the Python interpreter.
  static void stop() noexcept;

  /// Has the exit of the process stop the pool before it destroys whatever was loaded until now: handlers run in reverse
  /// order, and NVRTC, which registers its own, must not be torn down under a compile.
  static void stop_before_what_is_loaded() noexcept;

  void submit(std::shared_ptr<CompileJob> job);
  /// Allows so many threads from now on, if that is more than before.
  void allow(unsigned threads);

 private:
  CompilePool();
  void work() noexcept;
  void stop_all() noexcept;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<CompileJob>> queue_;
  std::vector<std::shared_ptr<CompileJob>> running_;
  std::vector<std::thread> threads_;
  unsigned limit_;
  unsigned idle_ = 0;
  unsigned alive_ = 0;
  bool is_stopping_ = false;
};

}  // namespace cujitsu
