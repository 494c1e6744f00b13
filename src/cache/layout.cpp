// SPDX-License-Identifier: MIT
#include "cache/layout.hpp"

#include "base/file.hpp"
#include "cache/frame.hpp"
#include "cache/usage_files.hpp"

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
constexpr std::string_view usage_name = "usage";
constexpr std::string_view stamp_name = "swept";

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

std::vector<file::FolderItem> items_of(const std::string& folder, std::string_view prefix = {}) {
  std::vector<file::FolderItem> items;
  if (const int error = file::list(folder, items, prefix); error != 0 && error != ENOENT && error != ESTALE)
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

std::string lock_file(const std::string& folder) { return folder + "/locks"; }

std::vector<EntryFile> entries(const std::string& folder, std::string_view prefix) {
  const auto shard_prefix = prefix.substr(0, shard_digits);
  std::vector<EntryFile> result;
  const auto add = [&](std::string_view shard) {
    const auto shard_folder = fmt::format("{}/{}", folder, shard);
    for (const auto& item : items_of(shard_folder, prefix.substr(shard_prefix.size()))) {
      if (!is_entry(item)) continue;
      auto key = std::string(shard) + item.name.substr(0, key_digits - shard_digits);
      result.push_back(
          {std::move(key), fmt::format("{}/{}", shard_folder, item.name), item.status.bytes, item.status.modified});
    }
  };
  if (shard_prefix.size() == shard_digits) {
    add(shard_prefix);
    return result;
  }
  for (const auto& shard : items_of(folder, shard_prefix))
    if (is_shard(shard)) add(shard.name);
  return result;
}

Contents contents(const std::string& folder) {
  Contents result;
  for (const auto& sub : items_of(folder)) {
    const auto sub_path = fmt::format("{}/{}", folder, sub.name);
    if (is_stale(sub)) result.stale.push_back({sub_path, sub.status.bytes, sub.status.modified});
    if (sub.status.type != file::Type::folder) continue;
    const bool notes = sub.name == notes_folder;
    if (!notes && !is_shard(sub) && sub.name != usage_name) continue;
    for (const auto& item : items_of(sub_path)) {
      auto path = fmt::format("{}/{}", sub_path, item.name);
      const auto& status = item.status;
      if (is_stale(item))
        result.stale.push_back({std::move(path), status.bytes, status.modified});
      else if (notes && is_note(item))
        result.notes.push_back({std::move(path), status.bytes, status.modified});
      else if (is_shard(sub) && is_entry(item))
        result.entries.push_back({sub.name + item.name.substr(0, key_digits - shard_digits), std::move(path),
                                  status.bytes, status.modified});
    }
  }
  return result;
}

std::string usage_folder(const std::string& folder) { return fmt::format("{}/{}", folder, usage_name); }

std::string stamp_file(const std::string& folder) { return fmt::format("{}/{}", folder, stamp_name); }

std::uint64_t clear(const std::string& folder) {
  // The folders stay, empty as they are: a writer that lost its folder between making it and writing into it would have
  // to try again, and could lose again each time.
  const auto found = contents(folder);
  for (const auto& entry : found.entries) remove_file(entry.path);
  for (const auto& note : found.notes) remove_file(note.path);
  for (const auto& file : found.stale) remove_file(file.path);
  for (const auto& item : items_of(usage_folder(folder)))
    if (item.status.type == file::Type::regular && usage_files::is_ours(item.name))
      remove_file(fmt::format("{}/{}", usage_folder(folder), item.name));
  remove_file(fmt::format("{}/{}", folder, evicted_name));
  remove_file(stamp_file(folder));
  return found.entries.size();
}

}  // namespace cujitsu::layout
