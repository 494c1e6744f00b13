// SPDX-License-Identifier: MIT
// The sweep off the hot path: a thread of its own, at most hourly for each folder.
#pragma once

#include "base/fork_local.hpp"
#include "cache/frame.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace cujitsu {

/// The thread is started by a save and ends by itself. It shares nothing with the cache but its job, so that a cache can
/// go away without it: whoever ends asks it to stop, which it does between two files, and waits a little. A thread
/// that is stuck in a system call (a dead server's) is left behind, with its job. A forked child has no thread and may
/// start its own.
class Sweeper {
 public:
  Sweeper(std::string folder, std::uint64_t max_bytes) : folder_(std::move(folder)), max_bytes_(max_bytes) {}
  Sweeper(const Sweeper&) = delete;
  Sweeper& operator=(const Sweeper&) = delete;
  ~Sweeper() { stop(); }

  /// Starts a sweep if none was made in this folder within the last hour. Costs an atomic load within an hour of the
  /// last time, else a look at the stamp file. A failure is no more than a sweep that is not made.
  void after_save(const FrameKey* key) noexcept;

  void stop() noexcept;
  /// For tests: until the sweep that runs, if any, is through.
  void wait();

 private:
  struct Job {
    std::string folder;
    std::uint64_t max_bytes = 0;
    FrameKey key;
    bool has_key = false;
    std::atomic<bool> stop{false};
    std::mutex mutex;
    std::condition_variable ended;
    bool has_ended = false;
  };
  struct State {
    std::mutex mutex;
    std::atomic<std::int64_t> next_look{0};  ///< seconds of the steady clock
    std::shared_ptr<Job> job;
    std::thread thread;
    bool is_over = false;
  };

  static void run(Job& job) noexcept;
  void start(State& state, const FrameKey* key);

  std::string folder_;
  std::uint64_t max_bytes_;
  ForkLocal<State> state_;
};

}  // namespace cujitsu
