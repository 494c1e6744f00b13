// SPDX-License-Identifier: MIT
#include "cache/sweep.hpp"

#include "base/file.hpp"
#include "cache/evictions.hpp"
#include "cache/usage_files.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <tuple>
#include <unordered_set>
#include <utility>

namespace cujitsu {
namespace {

std::int64_t seconds_since_1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

/// Trying the next file would fail too.
bool is_final(int error) noexcept { return error == EROFS || error == EACCES || error == EPERM; }

bool is_gone(int error) noexcept { return error == ENOENT || error == ESTALE; }

}  // namespace

Removed remove_oldest(std::vector<layout::EntryFile> candidates, std::uint64_t bytes_to_free,
                      const std::atomic<bool>& stop) {
  std::sort(candidates.begin(), candidates.end(), [](const layout::EntryFile& a, const layout::EntryFile& b) {
    return std::tie(a.modified, a.path) < std::tie(b.modified, b.path);
  });
  Removed result;
  std::uint64_t freed = 0;  // also by others, so that two sweeps at once do not free twice as much
  for (auto& file : candidates) {
    if (freed >= bytes_to_free || stop.load(std::memory_order_relaxed)) break;
    file::Status now;
    const int found = file::link_status(file.path, now);
    if (is_gone(found)) {
      freed += file.bytes;
      continue;
    }
    if (found != 0 || now.type != file::Type::regular || now.modified != file.modified) continue;
    const int error = file::remove(file.path);
    if (is_final(error)) break;
    if (error != 0 && !is_gone(error)) continue;
    freed += file.bytes;
    if (error != 0) continue;
    ++result.entries;
    result.bytes += file.bytes;
    result.keys.push_back(std::move(file.key));
  }
  return result;
}

Removed sweep(const std::string& folder, std::uint64_t max_bytes, const FrameKey* key, const std::atomic<bool>& stop) {
  auto contents = layout::contents(folder);
  for (const auto& file : contents.stale) {
    if (stop.load(std::memory_order_relaxed)) return {};
    static_cast<void>(file::remove(file.path));  // whatever is wrong with it, it is no entry to anybody
  }
  std::unordered_set<std::string> kept;
  for (const auto& entry : contents.entries) kept.insert(entry.key);

  Removed removed;
  std::uint64_t bytes = 0;
  for (const auto& entry : contents.entries) bytes += entry.bytes;
  for (const auto& note : contents.notes) bytes += note.bytes;
  if (max_bytes != 0 && bytes > max_bytes) {
    auto& all = contents.entries;
    for (auto& note : contents.notes) all.push_back({{}, std::move(note.path), note.bytes, note.modified});
    removed = remove_oldest(std::move(all), bytes - swept_size(max_bytes), stop);
    removed.entries -= static_cast<std::uint64_t>(std::erase(removed.keys, std::string()));  // those were notes
    for (const auto& gone : removed.keys) kept.erase(gone);
    evictions::add(folder, removed.keys, seconds_since_1970(), key);
  }
  if (!stop.load(std::memory_order_relaxed))
    usage_files::merge(folder, key, [&](const std::string& hex) { return kept.contains(hex); });
  return removed;
}

}  // namespace cujitsu
