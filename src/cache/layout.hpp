// SPDX-License-Identifier: MIT
// Where the cache's files are below its folder, and which files there are its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::layout {

/// The entries' folder in a cache's root: "ROOT/v3".
[[nodiscard]] std::string version_folder(const std::string& root);

struct Place {
  std::string folder;
  std::string name;

  [[nodiscard]] std::string path() const { return folder + '/' + name; }
};

/// `folder` is what version_folder returned, in this and all that follow; `key` has 32 digits.
[[nodiscard]] Place entry(const std::string& folder, std::string_view key);

/// `name` has 32 digits.
[[nodiscard]] Place note(const std::string& folder, std::string_view name);

/// Empty; processes lock bytes of it. Never removed: see cache/process_lock.hpp.
[[nodiscard]] std::string lock_file(const std::string& folder);

struct EntryFile {
  std::string key;
  std::string path;
  std::uint64_t bytes = 0;
  std::int64_t modified = 0;  ///< seconds since 1970: last used, to the hour
  bool is_in_seed = false;    ///< set by whoever looks into a seed
};

/// Every file that is named like an entry with a key that starts with `prefix` (lower-case digits), in no order. None
/// where there is no folder. Throws CacheError where one can not be read.
[[nodiscard]] std::vector<EntryFile> entries(const std::string& folder, std::string_view prefix = {});

/// A note, or a temporary file whose writer has long lost it.
struct OtherFile {
  std::string path;
  std::uint64_t bytes = 0;
  std::int64_t modified = 0;
};

struct Contents {
  std::vector<EntryFile> entries;
  std::vector<OtherFile> notes;
  std::vector<OtherFile> stale;  ///< temporary files that are older than any writer takes
};

/// Everything in the folder that is the cache's own, but for the files below. Throws CacheError.
[[nodiscard]] Contents contents(const std::string& folder);

/// Where the counters of processes are, each in a file of its own.
[[nodiscard]] std::string usage_folder(const std::string& folder);
/// What the sweep writes: its time is the time of the last one.
[[nodiscard]] std::string stamp_file(const std::string& folder);
/// Which entries have been evicted: its name in `folder`.
inline constexpr std::string_view evicted_name = "evicted";

/// Removes entries, notes, counters, all that the sweep wrote, and temporary files that their writers have left; no
/// folder. Returns how many entries it removed. Throws CacheError.
std::uint64_t clear(const std::string& folder);

}  // namespace cujitsu::layout
