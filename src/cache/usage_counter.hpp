// SPDX-License-Identifier: MIT
// What this process counts for one cache, and what of it the others have been told.
#pragma once

#include "base/fork_local.hpp"
#include "cache/usage_files.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace cujitsu {

/// Nothing here touches a file but publish. A forked child starts at zero: what its parent counted, the parent tells.
/// Any thread.
class UsageCounter {
 public:
  struct Hit {
    std::string key;
    std::uint64_t bytes = 0;
    double seconds = 0;         ///< what it had cost
    std::int64_t modified = 0;  ///< the file's, in seconds since 1970
  };

  /// Whether the entry is now to be marked as used: when it was not for an hour, and this process has not tried within
  /// one.
  [[nodiscard]] bool count_hit(const Hit& hit);
  /// A hit on what another thread compiled: no entry was read.
  void count_shared(double seconds);
  void count_miss(double seconds);
  void count_bypass(double seconds);
  void count_written(std::uint64_t bytes);

  /// Since the process started.
  [[nodiscard]] CacheCounters counters();
  /// Since the last publish.
  [[nodiscard]] Usage unpublished();
  /// Tells the others; a failure is tried again with the next one.
  void publish(const std::string& folder, const FrameKey* key);

 private:
  struct OfKey {
    std::uint64_t hits = 0;  ///< since the last publish
    std::int64_t marked = 0;
  };
  struct State {
    std::mutex mutex;
    CacheCounters all;
    CacheCounters unpublished;
    std::unordered_map<std::string, OfKey> keys;
  };

  template <class Count>
  void count(const Count& count);

  ForkLocal<State> state_;
};

}  // namespace cujitsu
