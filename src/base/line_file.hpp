// SPDX-License-Identifier: MIT
// A text file to which several threads and processes add lines, each line once.
#pragma once

#include "base/hash.hpp"

#include <sys/types.h>

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace cujitsu::file {

/// Each line is added by one write to the end, under an advisory lock on the file, after what others have added since the
/// last look has been read: so none is lost, torn or there twice. Where the file system has no locks, or somebody holds
/// one for seconds, the line is added all the same, and may then be there twice. Any thread.
class LineFile {
 public:
  /// Touches nothing. `first_line` is written first into an empty file.
  LineFile(std::string path, std::string first_line);

  /// Adds `line`, which holds no line end, unless the file has it. Makes the file, but no folder. Returns 0 or an errno.
  [[nodiscard]] int add(std::string_view line);
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  int read_new_lines(int descriptor);
  int append(int descriptor, std::string_view line, bool is_locked) const;

  std::string path_;
  std::string first_line_;
  std::mutex mutex_;
  std::set<Hash128> known_;    ///< every line before read_to_
  std::uint64_t read_to_ = 0;  ///< always behind a line end
  bool ends_in_line_ = true;   ///< false: a line without its end stands at the end, which its writer did not finish
  dev_t device_ = 0;           ///< of the file that known_ speaks of
  ino_t inode_ = 0;
};

}  // namespace cujitsu::file
