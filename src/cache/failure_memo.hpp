// SPDX-License-Identifier: MIT
// Errors of programs that do not compile, remembered for a while: a retry loop, or the other processes of a job, get the
// real error without running NVRTC.
#pragma once

#include "base/fork_local.hpp"
#include "cache/store.hpp"

#include <cujitsu/errors.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace cujitsu {

/// In this process, and in a cache's folder as notes. Any thread. What is remembered belongs to the whole key material,
/// so an edit is never answered with an old error; only a cause outside the key could be, and what is known to have one is
/// not remembered. Failures of the cache itself are no errors: then it is compiled again.
class FailureMemo {
 public:
  using Milliseconds = std::chrono::milliseconds;
  /// Since 1970, for what is read in another process.
  using Clock = std::function<Milliseconds()>;

  /// With a `lifetime` of 0 nothing is remembered, nor looked for.
  explicit FailureMemo(Milliseconds lifetime, Clock clock = system_clock);

  /// Whether the next run would say the same: NVRTC has read all of the program and refused it. Not where memory, a file
  /// that was not found, a time limit or NVRTC itself was the cause.
  [[nodiscard]] static bool is_lasting(const CompileError& error);

  /// `subject` is what decides the outcome, in full. Nothing where `error` is not lasting.
  void remember(KernelCache::Store& store, const std::string& subject, const CompileError& error) noexcept;

  /// The error as it was, with one sentence more at the end of what() and of hint() that says so.
  [[nodiscard]] std::optional<CompileError> find_in_process(const std::string& subject);
  /// Removes a note that is too old.
  [[nodiscard]] std::optional<CompileError> find_in_folder(KernelCache::Store& store, const std::string& subject);

  [[nodiscard]] static Milliseconds system_clock();

 private:
  struct Failure {
    Milliseconds time{0};
    std::string message;
    CompileError::Details details;
  };
  struct State {
    std::mutex mutex;
    std::unordered_map<std::string, Failure> failures;
  };

  static std::string encode(const std::string& subject, const Failure& failure);
  /// Throws FormatError. Nothing where it is another subject's.
  static std::optional<Failure> decode(std::string_view note, std::string_view subject);
  static std::string note_subject(const std::string& subject) { return "a program that does not compile\n" + subject; }

  [[nodiscard]] bool is_fresh(const Failure& failure, Milliseconds now) const;
  /// As it is thrown again.
  static CompileError remembered(Failure failure, Milliseconds now);

  Milliseconds lifetime_;
  Clock clock_;
  ForkLocal<State> state_;
};

}  // namespace cujitsu
