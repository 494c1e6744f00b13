// SPDX-License-Identifier: MIT
// A process of our own that talks over its standard input and output.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu {

/// Started without fork: posix_spawn runs no code of ours in a copy of this process, whose other threads may hold any
/// lock. The child inherits the environment, the working folder and standard error; its standard input and output are
/// one socket to us; no other descriptor reaches it (see `closes_descriptors`). It is in a process group of its own, so
/// that a terminal's Ctrl-C reaches us alone.
///
/// One thread talks to it; `kill` may be called by any other.
class ChildProcess {
 public:
  /// `command[0]` is looked for in PATH when it has no slash. Returns 0 or an errno; a program that can not be executed is one.
  [[nodiscard]] int start(const std::vector<std::string>& command);
  ChildProcess() = default;
  /// Ends it: end of input first, SIGKILL if it has not gone after a second.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// False where this libc can not close foreign descriptors on the way (glibc before 2.34): the child must do it itself.
  [[nodiscard]] static bool closes_descriptors() noexcept;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// Sends all of it. False when the child has gone.
  [[nodiscard]] bool send(std::string_view bytes);
  /// Receives exactly so many bytes. False when the child has gone, or says nothing until `deadline`.
  [[nodiscard]] bool receive(char* bytes, std::size_t count, std::chrono::steady_clock::time_point deadline);
  /// SIGKILL, at once. Any thread.
  void kill() noexcept;
  /// Waits for its end, which must be near, and says how it came: "was killed by signal 9 (Killed)", "exited with code 1".
  [[nodiscard]] std::string ending();
  /// Leaves it alone: for a copy of this object in a forked child, whose child it is not.
  void forget() noexcept;

 private:
  void reap();

  int socket_ = -1;
  pid_t pid_ = -1;
  std::mutex mutex_;  ///< the child is not reaped while somebody is about to signal its number
  bool is_reaped_ = false;
  int status_ = 0;
  bool has_status_ = false;
};

}  // namespace cujitsu
