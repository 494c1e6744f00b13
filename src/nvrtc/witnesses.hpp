// SPDX-License-Identifier: MIT
// What a search looked at, so that a later process can tell whether it would find the same.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::nvrtc {

/// A list of paths and what each was when it was looked at: missing, or a file or folder of this identity, size and time
/// of change. A folder's time changes with every name that comes or goes in it.
class Witnesses {
 public:
  /// stat, written down. Nothing when there is no such file.
  std::optional<struct stat> look_at(const std::string& path);

  /// One line a path. Empty when the answer must not be kept: a path has a line break, or something changed within the
  /// last two seconds, so that a further change might leave no trace in its time.
  [[nodiscard]] std::string text() const;

  /// Whether every path in `text` is as it was.
  [[nodiscard]] static bool still_hold(std::string_view text);

 private:
  struct Witness {
    std::string path;
    std::string state;
    bool is_recent;
  };
  std::vector<Witness> witnesses_;
};

}  // namespace cujitsu::nvrtc
