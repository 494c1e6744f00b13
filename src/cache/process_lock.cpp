// SPDX-License-Identifier: MIT
#include "cache/process_lock.hpp"

#include "base/file.hpp"

#include <pthread.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace cujitsu {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t position_digits = 16;
constexpr std::chrono::nanoseconds shortest_pause = std::chrono::microseconds(500);
constexpr std::chrono::nanoseconds longest_pause = std::chrono::milliseconds(50);

/// The open lock files of this process. A forked child would keep their locks alive after the parent's death, and would
/// release the parent's if it ended a scope that holds one: so it closes them (which releases nothing, as the parent has
/// them open), and a ProcessLock that was made before the fork finds its ticket gone.
class OpenFiles {
 public:
  static OpenFiles& instance() {
    static auto* const files = new OpenFiles;  // never destroyed: threads may compile while the process exits
    return *files;
  }

  std::uint64_t add(int descriptor) {
    const std::lock_guard lock(mutex_);
    files_.emplace_back(++last_ticket_, descriptor);
    return last_ticket_;
  }

  /// False in a child that was forked since `add`: the descriptor is closed, its number perhaps another file's.
  bool remove(std::uint64_t ticket) noexcept {
    const std::lock_guard lock(mutex_);
    return std::erase_if(files_, [&](const auto& file) { return file.first == ticket; }) != 0;
  }

 private:
  OpenFiles() {
    // Held across the fork, so that the child sees a whole list.
    ::pthread_atfork([] { instance().mutex_.lock(); }, [] { instance().mutex_.unlock(); },
                     [] {
                       auto& files = instance();
                       for (const auto& file : files.files_) static_cast<void>(file::close_lock_file(file.second));
                       files.files_.clear();
                       files.mutex_.unlock();
                     });
  }

  std::mutex mutex_;
  std::uint64_t last_ticket_ = 0;
  std::vector<std::pair<std::uint64_t, int>> files_;
};

std::uint64_t position_of(std::string_view key) {
  std::uint64_t value = 0;
  const auto digits = key.substr(0, position_digits);
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value >> 2;  // an off_t is signed, and the byte after the last must be one too
}

}  // namespace

ProcessLock::ProcessLock(std::string path, std::string_view key, std::chrono::nanoseconds timeout)
    : path_(std::move(path)), position_(position_of(key)) {
  try {
    acquire(timeout);
  } catch (...) {  // no memory, or a cancelled thread
    close();
    throw;
  }
}

void ProcessLock::acquire(std::chrono::nanoseconds timeout) {
  const auto start = Clock::now();
  while ((error_ = try_once()) == EAGAIN) {
    waited_ = true;
    const auto elapsed = std::chrono::nanoseconds(Clock::now() - start);
    if (elapsed >= timeout) {
      outcome_ = Outcome::timed_out;
      error_ = 0;
      close();
      return;
    }
    std::this_thread::sleep_for(std::min(std::clamp(elapsed / 8, shortest_pause, longest_pause), timeout - elapsed));
  }
  if (error_ == 0)
    outcome_ = Outcome::held;
  else
    close();
}

ProcessLock::~ProcessLock() { close(); }

int ProcessLock::try_once() {
  // Not for ever: somebody may be emptying the folder in a loop.
  for (int attempt = 0; attempt < 4; ++attempt) {
    if (descriptor_ < 0 && !open()) return error_;
    if (const int error = file::try_lock(descriptor_, position_)) return error;
    // It may have been removed, and made anew by another process, between our open and our lock.
    bool is_named = false;
    if (const int error = file::is_named(descriptor_, path_, is_named); error != 0 && error != ENOENT) return 0;
    if (is_named) return 0;
    close();
  }
  return ENOENT;
}

bool ProcessLock::open() {
  error_ = file::open_lock_file(path_, descriptor_);
  if (error_ != 0) return false;
  try {
    ticket_ = OpenFiles::instance().add(descriptor_);
  } catch (...) {
    static_cast<void>(file::close_lock_file(descriptor_));
    descriptor_ = -1;
    throw;
  }
  return true;
}

void ProcessLock::close() noexcept {
  if (descriptor_ < 0) return;
  const int descriptor = std::exchange(descriptor_, -1);
  if (!OpenFiles::instance().remove(ticket_)) return;
  // Said before the close: a copy of the descriptor in a child that no fork handler saw would keep the lock.
  static_cast<void>(file::unlock(descriptor, position_));
  static_cast<void>(file::close_lock_file(descriptor));
}

}  // namespace cujitsu
