// SPDX-License-Identifier: MIT
#include "cache/entry_memo.hpp"

#include <utility>

namespace cujitsu {
namespace {

// An entry takes about twice its file's size.
constexpr std::uint64_t most_bytes = 64U << 20;

}  // namespace

std::shared_ptr<const SoundEntry> EntryMemo::find(const std::string& path, const FileStamp& now) {
  auto& it = entries_.get();
  const std::lock_guard lock(it.mutex);
  const auto kept = it.by_path.find(path);
  if (kept == it.by_path.end() || !is_same_state(kept->second.stamp, now)) return nullptr;
  return kept->second.entry;
}

bool EntryMemo::has(const std::string& path) {
  auto& it = entries_.get();
  const std::lock_guard lock(it.mutex);
  return it.by_path.contains(path);
}

void EntryMemo::keep(const std::string& path, const FileStamp& stamp, std::shared_ptr<const SoundEntry> entry) {
  if (!stamp.settled || entry->content.size() > most_bytes / 4) return;
  auto& it = entries_.get();
  const std::lock_guard lock(it.mutex);
  if (const auto before = it.by_path.find(path); before != it.by_path.end()) {
    it.bytes -= before->second.entry->content.size();
    it.by_path.erase(before);
  }
  if (it.bytes + entry->content.size() >
      most_bytes) {  // programs that use so many are rare; those they need come again
    it.by_path.clear();
    it.bytes = 0;
  }
  it.bytes += entry->content.size();
  it.by_path.insert_or_assign(path, Kept{stamp, std::move(entry)});
}

}  // namespace cujitsu
