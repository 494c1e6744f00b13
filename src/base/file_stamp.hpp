// SPDX-License-Identifier: MIT
// Which state of which file was seen.
#pragma once

#include <sys/stat.h>

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

/// Not settled.
[[nodiscard]] FileStamp stamp_of(const struct ::stat& status) noexcept;

/// Whether they are of one file in one state, settled or not.
[[nodiscard]] bool is_same_state(FileStamp a, FileStamp b) noexcept;

/// Nanoseconds since 1970, by the clock that file systems use. To be asked before a file is read.
[[nodiscard]] std::int64_t stamp_clock() noexcept;

/// Whether both times are old enough at `now`, of stamp_clock, that any later edit shows.
[[nodiscard]] bool is_old_enough(const FileStamp& stamp, std::int64_t now) noexcept;

}  // namespace cujitsu
