// SPDX-License-Identifier: MIT
#include "cache/layout.hpp"

#include "base/file.hpp"
#include "base/hash.hpp"
#include "cache/frame.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <chrono>

namespace cujitsu::layout {
namespace {

constexpr std::size_t key_digits = 32;
constexpr std::size_t shard_digits = 2;  // 256 folders: some file systems are slow with many files in one
constexpr std::string_view entry_suffix = ".entry";
constexpr std::string_view notes_folder = "notes";
constexpr std::string_view note_suffix = ".note";

// No writer takes this long between its first byte and its rename: a temporary file this old has lost its process.
constexpr std::chrono::seconds stale_after = std::chrono::minutes(10);

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_named(std::string_view name, std::size_t digits, std::string_view suffix) {
  return name.ends_with(suffix) && is_hex(name.substr(0, name.size() - suffix.size()), digits);
}

bool is_entry(const file::FolderItem& item) {
  return item.status.type == file::Type::regular && is_named(item.name, key_digits - shard_digits, entry_suffix);
}

bool is_note(const file::FolderItem& item) {
  return item.status.type == file::Type::regular && is_named(item.name, key_digits, note_suffix);
}

bool is_shard(const file::FolderItem& item) {
  return item.status.type == file::Type::folder && is_hex(item.name, shard_digits);
}

bool is_stale(const file::FolderItem& item) {
  if (item.status.type != file::Type::regular || !file::is_temporary(item.name)) return false;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::seconds(item.status.modified) + stale_after < now;
}

std::vector<file::FolderItem> items_of(const std::string& folder) {
  std::vector<file::FolderItem> items;
  if (const int error = file::list(folder, items); error != 0 && error != ENOENT)
    throw CacheError(fmt::format("the kernel cache's folder {} can not be read: {}", folder, file::error_text(error)));
  return items;
}

void remove_file(const std::string& path) {
  if (const int error = file::remove(path); error != 0 && error != ENOENT)
    throw CacheError(fmt::format("{} can not be removed: {}", path, file::error_text(error)));
}

}  // namespace

std::string version_folder(const std::string& root) { return fmt::format("{}/v{}", root, cache_format_version); }

Place entry(const std::string& folder, std::string_view key) {
  Place place{folder, std::string(key.substr(shard_digits))};
  place.folder += '/';
  place.folder += key.substr(0, shard_digits);
  place.name += entry_suffix;
  return place;
}

Place note(const std::string& folder, std::string_view name) {
  Place place{folder, std::string(name)};
  place.folder += '/';
  place.folder += notes_folder;
  place.name += note_suffix;
  return place;
}

std::vector<EntryFile> entries(const std::string& folder, std::string_view prefix) {
  const auto shard_prefix = prefix.substr(0, shard_digits);
  std::vector<EntryFile> result;
  for (const auto& shard : items_of(folder)) {
    if (!is_shard(shard) || !shard.name.starts_with(shard_prefix)) continue;
    const auto shard_folder = fmt::format("{}/{}", folder, shard.name);
    for (const auto& item : items_of(shard_folder)) {
      if (!is_entry(item)) continue;
      auto key = shard.name + item.name.substr(0, key_digits - shard_digits);
      if (!key.starts_with(prefix)) continue;
      result.push_back({std::move(key), fmt::format("{}/{}", shard_folder, item.name), item.status.bytes});
    }
  }
  return result;
}

std::uint64_t clear(const std::string& folder) {
  // The folders stay, empty as they are: a writer that lost its folder between making it and writing into it would have
  // to try again, and could lose again each time.
  std::uint64_t removed = 0;
  for (const auto& sub : items_of(folder)) {
    const bool notes = sub.status.type == file::Type::folder && sub.name == notes_folder;
    if (!notes && !is_shard(sub)) continue;
    const auto sub_folder = fmt::format("{}/{}", folder, sub.name);
    for (const auto& item : items_of(sub_folder)) {
      const bool entry_file = !notes && is_entry(item);
      if (!entry_file && !(notes && is_note(item)) && !is_stale(item)) continue;
      remove_file(fmt::format("{}/{}", sub_folder, item.name));
      if (entry_file) ++removed;
    }
  }
  return removed;
}

}  // namespace cujitsu::layout
