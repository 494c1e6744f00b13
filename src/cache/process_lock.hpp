// SPDX-License-Identifier: MIT
// Processes of one host that want the same at the same time: one has the lock, the others wait for it, but not for ever.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace cujitsu {

/// An advisory lock on one byte of a file that all keys share: the byte whose position is the key's first 62 bits. The
/// file stays empty and is never removed by us, so there is nothing to clean up, and no lock on a file that another
/// process has just unlinked. Where somebody else removed it, those who hold the old file and those who made a new one
/// do not see each other: the cost is a second compile.
///
/// The kernel releases the lock of a process that ends, however it ends. A child that is forked meanwhile neither keeps
/// nor releases it (one made by a bare clone() keeps it until it calls exec or ends). The lock belongs to this object,
/// not to the process or to a thread. It is made, used and destroyed by one thread; several objects by several threads.
class ProcessLock {
 public:
  enum class Outcome {
    held,
    timed_out,    ///< another still has it
    unavailable,  ///< the file system has no locks, or the file can not be made: see error()
  };

  /// Asks for the lock of `key` (32 hexadecimal digits) in the file `path`, whose folder exists, and waits for up to
  /// `timeout`. It asks again and again, after pauses of an eighth of what it has waited, from 0.5 ms to 50 ms: that
  /// takes no signal, no thread and no measurable work, and costs who waits at most an eighth more.
  ProcessLock(std::string path, std::string_view key, std::chrono::nanoseconds timeout);
  ~ProcessLock();
  ProcessLock(const ProcessLock&) = delete;
  ProcessLock& operator=(const ProcessLock&) = delete;

  [[nodiscard]] Outcome outcome() const noexcept { return outcome_; }
  /// The errno behind `unavailable`.
  [[nodiscard]] int error() const noexcept { return error_; }
  /// Whether somebody else had it when first asked.
  [[nodiscard]] bool waited() const noexcept { return waited_; }

 private:
  void acquire(std::chrono::nanoseconds timeout);
  /// 0, EAGAIN while another has it, or another errno.
  int try_once();
  bool open();
  void close() noexcept;

  std::string path_;
  std::uint64_t position_ = 0;
  int descriptor_ = -1;
  std::uint64_t ticket_ = 0;  ///< of descriptor_ among those that a forked child closes
  Outcome outcome_ = Outcome::unavailable;
  int error_ = 0;
  bool waited_ = false;
};

}  // namespace cujitsu
