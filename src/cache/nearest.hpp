// SPDX-License-Identifier: MIT
// The stored compile that a missed one is most like.
#pragma once

#include "cache/differences.hpp"
#include "cache/store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cujitsu {

struct NearestEntry {
  std::string key;
  std::vector<std::string> changes;  ///< what the wanted compile has otherwise; empty where it is that very one
};

/// Of the entries of the same source, or else of those that were stored last under the same name, the one with the fewest
/// differences; nothing where none is alike. Reads at most some dozens of entries: a compile takes longer.
[[nodiscard]] std::optional<NearestEntry> nearest_entry(KernelCache::Store& store, const CompileSide& wanted) noexcept;

/// Writes down that `key` has been stored under its name, for nearest_entry.
void note_name(KernelCache::Store& store, const std::string& name, const std::string& key) noexcept;

}  // namespace cujitsu
