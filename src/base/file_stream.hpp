// SPDX-License-Identifier: MIT
// Files that are read or written piece by piece, because they may be larger than memory.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

/// As base/file.hpp: 0 or an errno, and every system call that a test may want to fail goes through its seam. One thread
/// at a time for each object.
namespace cujitsu::file {

/// Reads a file from front to back. Closes it when destroyed.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  ~Source();

  /// EISDIR for a folder, EINVAL for a pipe and the like (which is not waited for).
  [[nodiscard]] int open(const std::string& path);
  /// The file's size when it was opened.
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
  /// How much of that has not been read.
  [[nodiscard]] std::uint64_t left() const noexcept { return bytes_ - position_; }
  /// The next `count` bytes; fewer only where the file ends. Nothing is allocated for more than what is left.
  [[nodiscard]] int read(std::uint64_t count, std::string& content);

 private:
  int descriptor_ = -1;
  std::uint64_t bytes_ = 0;
  std::uint64_t position_ = 0;
};

/// Writes a new file beside `name` and renames it at the end, as publish does: other processes see the old file or the
/// whole new one. What is not finished is removed when this is destroyed.
class Publication {
 public:
  Publication() = default;
  Publication(const Publication&) = delete;
  Publication& operator=(const Publication&) = delete;
  ~Publication();

  /// `mode` before the umask.
  [[nodiscard]] int start(const std::string& folder, const std::string& name, mode_t mode);
  [[nodiscard]] int write(std::string_view content);
  /// Overwrites the first bytes. What is written afterwards goes behind them, so this comes last.
  [[nodiscard]] int rewrite_start(std::string_view content);
  /// Flushed to the disk before the rename: this is for files that are made once and carried elsewhere.
  [[nodiscard]] int finish();

 private:
  std::string temporary_;
  std::string target_;
  int descriptor_ = -1;
};

}  // namespace cujitsu::file
