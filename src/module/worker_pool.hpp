// SPDX-License-Identifier: MIT
// The worker processes of this process.
#pragma once

#include "module/worker_process.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace cujitsu {

/// Idle workers wait here for the next compile as long as somebody has a Use; when the last one goes, so do they. There
/// are never more than threads that compile. Any thread.
class WorkerPool {
 public:
  /// This process's own: a forked child begins with none. Never destroyed.
  static WorkerPool& instance();

  /// Keeps the idle workers alive.
  class Use {
   public:
    Use() { instance().begin_use(); }
    ~Use() { instance().end_use(); }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
  };

  /// An idle worker, or a new one; nullptr when there is no program for one, or it does not work, which is said once at
  /// info level.
  [[nodiscard]] std::unique_ptr<WorkerProcess> acquire();
  void release(std::unique_ptr<WorkerProcess> worker);

 private:
  void begin_use();
  void end_use();

  std::mutex mutex_;
  unsigned uses_ = 0;
  std::vector<std::unique_ptr<WorkerProcess>> idle_;
  std::vector<std::string> idle_command_;  ///< what the idle ones are
  std::vector<std::string> bad_command_;   ///< what did not work, and is not tried again
};

}  // namespace cujitsu
