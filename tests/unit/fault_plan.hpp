// SPDX-License-Identifier: MIT
// A file system on which one call goes wrong, or in which the process dies.
#pragma once

#include "base/file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace cujitsu::test {

/// Counts system calls, and does something to one of them: install, run, uninstall. For one thread.
class FaultPlan {
 public:
  enum class Kind {
    none,      ///< only counts
    error,     ///< fails with `error`
    partial,   ///< a read or write of half the bytes; other calls are as always
    dies,      ///< the process ends before the call
    dies_half  ///< the process ends after half of a write; before any other call
  };

  FaultPlan(Kind kind, int at, int error = 0) : kind_(kind), at_(at), error_(error) {
    current = this;
    file::set_system_calls(&calls);
  }
  FaultPlan(const FaultPlan&) = delete;
  FaultPlan& operator=(const FaultPlan&) = delete;
  ~FaultPlan() {
    file::set_system_calls(nullptr);
    current = nullptr;
  }
  [[nodiscard]] int made() const { return made_; }
  static constexpr int death = 77;  ///< the exit code of a process that dies

 private:
  /// Whether the call that is now made is to fail.
  bool strikes() {
    if (made_++ != at_ || kind_ == Kind::none || kind_ == Kind::partial) return false;
    if (kind_ == Kind::dies || kind_ == Kind::dies_half) ::_exit(death);
    errno = error_;
    return true;
  }
  [[nodiscard]] bool is_struck() const { return made_ == at_; }

  Kind kind_;
  int at_;
  int error_;
  int made_ = 0;

  inline static FaultPlan* current = nullptr;
  inline static const file::SystemCalls calls{
      [](const char* path, int flags, mode_t mode) { return current->strikes() ? -1 : ::open(path, flags, mode); },
      [](int descriptor, void* buffer, std::size_t bytes) -> ssize_t {
        if (current->kind_ == Kind::partial && current->is_struck()) bytes = (bytes + 1) / 2;
        return current->strikes() ? -1 : ::read(descriptor, buffer, bytes);
      },
      [](int descriptor, const void* buffer, std::size_t bytes) -> ssize_t {
        if (current->is_struck() && (current->kind_ == Kind::partial || current->kind_ == Kind::dies_half)) {
          bytes = (bytes + 1) / 2;
          if (current->kind_ == Kind::dies_half) static_cast<void>(!::write(descriptor, buffer, bytes));
        }
        return current->strikes() ? -1 : ::write(descriptor, buffer, bytes);
      },
      [](int descriptor) {
        const bool fails = current->strikes();
        const int result = ::close(descriptor);  // as Linux does: closed, and an error all the same
        if (!fails) return result;
        errno = current->error_;
        return -1;
      },
      [](const char* from, const char* to) { return current->strikes() ? -1 : ::rename(from, to); },
      [](const char* path) { return current->strikes() ? -1 : ::unlink(path); },
      [](const char* path, mode_t mode) { return current->strikes() ? -1 : ::mkdir(path, mode); },
      [](const char* path, struct ::stat* result) { return current->strikes() ? -1 : ::stat(path, result); },
      [](const char* path, struct ::stat* result) { return current->strikes() ? -1 : ::lstat(path, result); },
      [](int descriptor, struct ::stat* result) { return current->strikes() ? -1 : ::fstat(descriptor, result); },
      [](int folder, const char* name, struct ::stat* result, int flags) {
        return current->strikes() ? -1 : ::fstatat(folder, name, result, flags);
      },
      [](const char* path, char* buffer, std::size_t bytes) -> ssize_t {
        return current->strikes() ? -1 : ::readlink(path, buffer, bytes);
      },
      [](int folder, const char* path, const struct ::timespec* times, int flags) {
        return current->strikes() ? -1 : ::utimensat(folder, path, times, flags);
      },
      [](int descriptor, int operation) { return current->strikes() ? -1 : ::flock(descriptor, operation); },
      [](int descriptor) { return current->strikes() ? nullptr : ::fdopendir(descriptor); },
      [](DIR* folder) { return current->strikes() ? nullptr : ::readdir(folder); },
      [](DIR* folder) {
        const bool fails = current->strikes();
        const int result = ::closedir(folder);
        return fails ? -1 : result;
      },
      [](int descriptor, int command, struct ::flock* range) {
        return current->strikes() ? -1 : ::fcntl(descriptor, command, range);
      },
      [](int descriptor, off_t offset, int whence) -> off_t {
        return current->strikes() ? -1 : ::lseek(descriptor, offset, whence);
      },
      [](int descriptor) { return current->strikes() ? -1 : ::fsync(descriptor); },
      [](int descriptor, off_t bytes) { return current->strikes() ? -1 : ::ftruncate(descriptor, bytes); },
  };
};

}  // namespace cujitsu::test
