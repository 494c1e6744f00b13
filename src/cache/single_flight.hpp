// SPDX-License-Identifier: MIT
// Threads of this process that want the same at the same time: one does it, and all have the result.
#pragma once

#include "base/fork_local.hpp"

#include <cujitsu/compiled_code.hpp>

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>

namespace cujitsu {

/// Any thread; in a forked child nothing is in flight. No mutex is held while a body runs.
///
/// Nothing stays when a flight has ended, however it ended: whoever asks then starts the next one.
class SingleFlight {
 public:
  enum class Turn {
    runs_for_all,  ///< others who ask meanwhile wait for this one
    /// This thread is within the flight that it would wait for, be it through another thread that waits for this one: it
    /// must run by itself, and wait for nobody.
    runs_alone,
  };
  using Body = std::function<CompiledCode(Turn)>;

  struct Result {
    CompiledCode code;
    bool waited = false;  ///< another thread made it
  };

  /// The first thread with a `key` runs `body`; those that come while it does wait, and get a copy of what it returned or
  /// threw (of cujitsu's own errors and std::bad_alloc an object of their own, of anything else the same object).
  /// Where the body ended without either (its thread was cancelled, its compile was called off, there was no memory for
  /// the copies), those who waited try themselves, one for all again.
  [[nodiscard]] Result run(const std::string& key, const Body& body);

  /// How many threads wait for `key` now.
  [[nodiscard]] std::size_t waiting(const std::string& key);

 private:
  struct Flight {
    std::thread::id runner;
    std::size_t waiters = 0;
    std::condition_variable landed;
    bool is_over = false;
    std::optional<CompiledCode> code;
    std::function<void()> raise;  ///< throws the body's error; with neither this nor `code` it was abandoned
  };
  struct State {
    std::mutex mutex;
    std::unordered_map<std::string, std::shared_ptr<Flight>> flights;
    std::unordered_map<std::thread::id, const Flight*> waits;
  };
  class Landing;
  class Waiting;

  static bool would_wait_for_itself(const State& state, const Flight* flight);
  CompiledCode fly(State& state, const std::string& key, const std::shared_ptr<Flight>& flight, const Body& body);

  ForkLocal<State> state_;
};

}  // namespace cujitsu
