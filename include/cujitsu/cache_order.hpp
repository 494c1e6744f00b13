// SPDX-License-Identifier: MIT
// In which order a list of entries is shown.
#pragma once

#include <cujitsu/export.hpp>
#include <cujitsu/kernel_cache.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu {

/// What most asks for attention comes first. Equal ones stay as they were: by KernelCache::list, newest first.
enum class CacheOrder {
  newest,   ///< compiled last
  age,      ///< compiled first
  used,     ///< used last
  size,     ///< largest
  hits,     ///< most often hit
  seconds,  ///< longest compile
};

/// "newest", "age", …: what cache_order takes, in the order of CacheOrder.
[[nodiscard]] CUJITSU_API std::span<const std::string> cache_order_names();

/// Throws ArgumentError, which lists the names, for one that is none.
[[nodiscard]] CUJITSU_API CacheOrder cache_order(std::string_view name);

CUJITSU_API void sort_entries(std::vector<CacheSummary>& entries, CacheOrder order);

}  // namespace cujitsu
