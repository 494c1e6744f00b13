// SPDX-License-Identifier: MIT
// Removing at once: by size, age, architecture and name.
#include "cache/evictions.hpp"
#include "cache/store.hpp"
#include "cache/sweep.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <unordered_set>
#include <utility>

namespace cujitsu {
namespace {

std::int64_t seconds_since_1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

bool matches(const std::string& pattern, const std::string& text) {
  // Equal texts fit, whatever is in them: a kernel's name may hold a bracket.
  return pattern == text || ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

std::uint64_t bytes_of(const std::vector<layout::EntryFile>& files) {
  std::uint64_t bytes = 0;
  for (const auto& file : files) bytes += file.bytes;
  return bytes;
}

/// What remove_oldest would remove.
Removed imagined(std::vector<layout::EntryFile> candidates, std::uint64_t bytes_to_free) {
  std::sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) { return a.modified < b.modified; });
  Removed result;
  for (const auto& file : candidates) {
    if (result.bytes >= bytes_to_free) break;
    ++result.entries;
    result.bytes += file.bytes;
  }
  return result;
}

}  // namespace

bool CacheFilter::fits(const CacheSummary& entry) const {
  if (!arch.empty() && !matches(arch, entry.arch)) return false;
  if (older_than && entry.last_used > seconds_since_1970() - older_than->count()) return false;
  return name.empty() || matches(name, entry.name) ||
         std::any_of(entry.kernels.begin(), entry.kernels.end(),
                     [&](const std::string& kernel) { return matches(name, kernel); });
}

PruneResult KernelCache::Store::prune(const PruneOptions& options) {
  if (!can_be_asked(root_)) return {};
  const auto& folder = root_.folder();
  auto candidates = layout::entries(folder);
  const auto bytes = bytes_of(candidates);
  const bool is_filtered = options.older_than || !options.arch.empty() || !options.name.empty();

  auto to_free = std::numeric_limits<std::uint64_t>::max();
  if (options.max_bytes)
    to_free = bytes > *options.max_bytes ? bytes - *options.max_bytes : 0;
  else if (!is_filtered)
    to_free = options_.max_bytes != 0 && bytes > options_.max_bytes ? bytes - swept_size(options_.max_bytes) : 0;

  if (is_filtered) {
    const CacheFilter filter{options.arch, options.name, options.older_than};
    std::unordered_set<std::string> fitting;
    for (const auto& entry : summaries(candidates))
      if (filter.fits(entry)) fitting.insert(entry.key);
    std::erase_if(candidates, [&](const layout::EntryFile& file) { return !fitting.contains(file.key); });
  }
  if (options.dry_run) {
    const auto removed = imagined(std::move(candidates), to_free);
    return {removed.entries, removed.bytes};
  }
  const std::atomic<bool> never{false};
  const auto removed = remove_oldest(std::move(candidates), to_free, never);
  evictions::add(folder, removed.keys, seconds_since_1970(), frame_key());
  counter_.publish(folder, frame_key());
  // What is left to clean up; the bound is the caller's matter here.
  sweep(folder, 0, frame_key(), never);
  return {removed.entries, removed.bytes};
}

}  // namespace cujitsu
