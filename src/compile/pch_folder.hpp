// SPDX-License-Identifier: MIT
// A folder below the system's temporary one, for this process alone.
#pragma once

#include "base/file.hpp"

#include <sys/types.h>

#include <optional>
#include <string>

namespace cujitsu::compiler {

/// Made by mkdtemp, so for its owner alone; removed with all that is in it by the destructor, but not in a forked child. While it
/// lives a file in it is locked: whoever makes another one removes those of processes that were killed, which the
/// system has unlocked.
class PchFolder {
 public:
  PchFolder() = default;
  ~PchFolder();
  PchFolder(const PchFolder&) = delete;
  PchFolder& operator=(const PchFolder&) = delete;

  /// In `parent`, or for an empty one in TMPDIR, else /tmp. Returns 0 or an errno.
  [[nodiscard]] int make(const std::string& parent);
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
  std::optional<file::Lock> lock_;
  pid_t owner_ = 0;
};

/// Removes the folders in `parent` whose processes were killed.
void remove_left_behind(const std::string& parent);

}  // namespace cujitsu::compiler
