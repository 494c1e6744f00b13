// SPDX-License-Identifier: MIT
// Which state of which file was seen.
#pragma once

#include <cstdint>

namespace cujitsu {

/// What identifies one state of a file without reading it.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t bytes = 0;
  std::int64_t modified_ns = 0;  ///< since 1970
  std::int64_t changed_ns = 0;   ///< of the inode, which no program can set
  /// Both times were more than two seconds old when the content was read, and the same after it: a later edit gets
  /// another time even where the file system counts in whole seconds.
  bool settled = false;

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

}  // namespace cujitsu
