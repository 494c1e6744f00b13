// SPDX-License-Identifier: MIT
// What processes have counted, on disk: each process adds a file of its own, and somebody merges them now and then.
#pragma once

#include "cache/frame.hpp"

#include <cujitsu/kernel_cache.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace cujitsu {

struct Usage {
  CacheCounters counters;
  std::unordered_map<std::string, std::uint64_t> hits;  ///< by key

  void add(const Usage& other);
};

void add(CacheCounters& sum, const CacheCounters& other) noexcept;

/// `folder` is the entries' folder. Counts are worth little: nothing here fails, throws (but for a lack of memory) or
/// warns; what can not be read is not counted, what can not be written is lost. A count is lost or counted, never
/// counted twice.
namespace usage_files {

[[nodiscard]] Usage read(const std::string& folder, const FrameKey* key);

/// False when it could not be written. Makes no folder but its own: where there are no entries, there is nothing to tell.
/// Merges when there are many files by now.
bool publish(const std::string& folder, const Usage& usage, const FrameKey* key);

/// Makes all files one. `keeps` says whether to go on counting a key's hits.
void merge(const std::string& folder, const FrameKey* key, const std::function<bool(const std::string&)>& keeps);

/// Whether a file of this name, in the folder of the counters, is the cache's own.
[[nodiscard]] bool is_ours(std::string_view name) noexcept;

}  // namespace usage_files
}  // namespace cujitsu
