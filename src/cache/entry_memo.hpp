// SPDX-License-Identifier: MIT
// Entries that this process has read: while their files are the same they need not be read, hashed and decoded again.
#pragma once

#include "base/file_stamp.hpp"
#include "base/fork_local.hpp"
#include "cache/entry_format.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace cujitsu {

/// An entry that was read whole and found sound.
struct SoundEntry {
  std::string content;  ///< what `entry.material` points into
  StoredEntry entry;
};

/// Any thread; a forked child starts without any.
class EntryMemo {
 public:
  /// nullptr where the file at `path` was not read in the state that `now` tells of.
  [[nodiscard]] std::shared_ptr<const SoundEntry> find(const std::string& path, const FileStamp& now);
  [[nodiscard]] bool has(const std::string& path);
  /// `stamp` is of the file when it was read; one that is not settled is not kept.
  void keep(const std::string& path, const FileStamp& stamp, std::shared_ptr<const SoundEntry> entry);

 private:
  struct Kept {
    FileStamp stamp;
    std::shared_ptr<const SoundEntry> entry;
  };
  struct Entries {
    std::mutex mutex;
    std::unordered_map<std::string, Kept> by_path;
    std::uint64_t bytes = 0;  ///< of their contents
  };
  ForkLocal<Entries> entries_;
};

}  // namespace cujitsu
