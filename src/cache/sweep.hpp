// SPDX-License-Identifier: MIT
// Keeping a folder within its bound, and clean.
#pragma once

#include "cache/frame.hpp"
#include "cache/layout.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace cujitsu {

struct Removed {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
  std::vector<std::string> keys;
};

/// Removes `candidates`, the least recently used first, until `bytes_to_free` are freed. One that was used or written
/// since it was listed stays. That a file is gone, in use (EBUSY) or stale is nothing unusual; a folder that can not be
/// written to ends it quietly. Stops between two files when `stop` is set.
[[nodiscard]] Removed remove_oldest(std::vector<layout::EntryFile> candidates, std::uint64_t bytes_to_free,
                                    const std::atomic<bool>& stop);

/// Down to which size a folder is swept that has grown beyond its bound.
[[nodiscard]] constexpr std::uint64_t swept_size(std::uint64_t max_bytes) noexcept {
  return max_bytes / 5 * 4 + max_bytes % 5 * 4 / 5;
}

/// The whole sweep of the entries' folder: entries and notes beyond the bound (0: none), stale temporary files, counters
/// to be merged. Safe beside readers, writers and other sweeps. Throws CacheError when the folder can not be read.
Removed sweep(const std::string& folder, std::uint64_t max_bytes, const FrameKey* key, const std::atomic<bool>& stop);

}  // namespace cujitsu
