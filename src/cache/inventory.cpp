// SPDX-License-Identifier: MIT
// What people and the command ask of the cache: list, find, clear, stats.
#include "base/file.hpp"
#include "base/log.hpp"
#include "cache/checked_entry.hpp"
#include "cache/entry_head.hpp"
#include "cache/layout.hpp"
#include "cache/store.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <tuple>
#include <unordered_set>
#include <utility>

namespace cujitsu {
namespace {

/// Throws FormatError.
CacheEntry to_entry(const layout::EntryFile& found, std::string_view content, const FrameKey* key) {
  auto stored = decode_entry(content, key);
  auto material = check_name(stored, found.key);
  CacheEntry entry;
  entry.key = found.key;
  entry.path = found.path;
  entry.file_bytes = content.size();
  entry.created = stored.created;
  entry.source = std::move(material.source);
  entry.options = std::move(material.options);
  entry.code = std::move(stored.code);
  entry.code.cache_status = CacheStatus::hit;
  entry.code.cache_reason = "read from the kernel cache";
  entry.code.cache_key = found.key;
  return entry;
}

CacheSummary to_summary(const layout::EntryFile& found, EntryHead head) {
  CacheSummary summary;
  summary.key = found.key;
  summary.path = found.path;
  summary.origin = found.is_in_seed ? CacheOrigin::seed : CacheOrigin::cache;
  summary.file_bytes = found.bytes;
  summary.created = head.created;
  summary.last_used = found.modified;
  summary.name = std::move(head.name);
  summary.arch = std::move(head.arch);
  summary.kernels = std::move(head.kernels);
  summary.options = std::move(head.options);
  summary.include_dirs = std::move(head.include_dirs);
  summary.name_expressions = std::move(head.name_expressions);
  summary.is_shortened = head.is_shortened;
  summary.seconds = head.seconds;
  summary.compiler_major = head.compiler_major;
  summary.compiler_minor = head.compiler_minor;
  summary.header_count = head.header_count;
  return summary;
}

bool is_gone(int error) noexcept { return error == ENOENT || error == ESTALE; }

std::string checked_prefix(std::string_view prefix) {
  std::string digits(prefix);
  for (char& digit : digits)
    if (digit >= 'A' && digit <= 'F') digit = static_cast<char>(digit - 'A' + 'a');
  if (digits.empty() || digits.size() > 32 || digits.find_first_not_of("0123456789abcdef") != std::string::npos)
    throw CacheError(fmt::format("not a cache key (1 to 32 hexadecimal digits): '{}'", prefix));
  return digits;
}

std::string ambiguous(std::string_view prefix, std::vector<layout::EntryFile> found) {
  constexpr std::size_t shown = 20;
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  auto text = fmt::format("{} entries have a key that starts with {}:", found.size(), prefix);
  for (std::size_t i = 0; i < std::min(shown, found.size()); ++i) text += "\n  " + found[i].key;
  if (found.size() > shown) text += fmt::format("\n  and {} more", found.size() - shown);
  return text;
}

}  // namespace

bool KernelCache::Store::can_be_asked(CacheFolder& place) {
  if (!disabled_reason_.empty()) return false;
  const auto [usable, error] = place.access();
  if (usable) return true;
  if (error == ENOENT) return false;
  if (place.is_seed()) {  // as for a compile
    if (error != 0)
      log::warning_once("cache: unreadable " + place.root(), "the seed {} can not be read: {}", place.root(),
                        file::error_text(error));
    return false;
  }
  if (error == 0) throw CacheError(disabled_reason());
  throw CacheError(
      fmt::format("the kernel cache's folder {} can not be read: {}", place.root(), file::error_text(error)));
}

std::vector<KernelCache::Store::UnreadableSeed> KernelCache::Store::unreadable_seeds() {
  std::vector<UnreadableSeed> result;
  for (const auto& seed : seeds_)
    if (const auto [usable, error] = seed->access(); !usable && error != 0 && error != ENOENT)
      result.push_back({seed->root(), fmt::format("can not be read ({})", file::error_text(error))});
  return result;
}

std::vector<layout::EntryFile> KernelCache::Store::all_entries(std::string_view prefix) {
  std::vector<layout::EntryFile> result;
  if (can_be_asked(root_)) result = layout::entries(root_.folder(), prefix);
  if (seeds_.empty()) return result;
  std::unordered_set<std::string> known;
  for (const auto& file : result) known.insert(file.key);
  for (const auto& seed : seeds_) {
    if (!can_be_asked(*seed)) continue;
    for (auto& file : layout::entries(seed->folder(), prefix)) {
      if (!known.insert(file.key).second) continue;
      file.is_in_seed = true;
      result.push_back(std::move(file));
    }
  }
  return result;
}

std::vector<CacheSummary> KernelCache::Store::summaries(const std::vector<layout::EntryFile>& files) {
  std::vector<CacheSummary> result;
  result.reserve(files.size());
  std::string beginning;
  for (const auto& found : files) {
    std::optional<EntryHead> head;
    int failure = 0;
    try {
      std::size_t wanted = EntryHead::usual_bytes;
      // Twice, where a head is larger than usual. A file that was replaced in between may have another one.
      for (int attempt = 0; attempt < 2 && failure == 0 && !head; ++attempt) {
        failure = file::read_beginning(found.path, wanted, beginning);
        if (failure == 0) head = peek_head(beginning, wanted);
      }
    } catch (const FormatError& error) {
      log::debug("{} is left out of the list: {}", found.path, error.what());
    }
    if (head)
      result.push_back(to_summary(found, std::move(*head)));
    else if (failure != 0 && !is_gone(failure))  // gone: removed since the folder was listed
      log::warning_once("cache: unreadable " + found.path, "the kernel cache's file {} can not be read: {}", found.path,
                        file::error_text(failure));
  }
  return result;
}

std::vector<CacheSummary> KernelCache::Store::list(const CacheFilter& filter) {
  auto result = summaries(all_entries());
  if (result.empty()) return result;
  const auto hits = usage().hits;
  for (auto& entry : result)
    if (const auto found = hits.find(entry.key); found != hits.end()) entry.hits = found->second;
  std::erase_if(result, [&](const CacheSummary& entry) { return !filter.fits(entry); });
  std::sort(result.begin(), result.end(), [](const CacheSummary& a, const CacheSummary& b) {
    return std::tie(b.created, a.key) < std::tie(a.created, b.key);
  });
  return result;
}

CacheEntry KernelCache::Store::find(std::string_view prefix) {
  const auto digits = checked_prefix(prefix);
  if (!disabled_reason_.empty()) throw CacheError(disabled_reason_);
  auto found = all_entries(digits);
  if (found.empty())
    throw CacheError(fmt::format("no entry in {} has a key that starts with {}", root_.folder(), digits));
  if (found.size() > 1) throw CacheError(ambiguous(digits, std::move(found)));
  std::string content;
  if (const int error = file::read(found.front().path, content))
    throw CacheError(fmt::format("{} can not be read: {}", found.front().path, file::error_text(error)));
  try {
    return to_entry(found.front(), content, frame_key());
  } catch (const AuthenticationError& error) {
    throw CacheError(fmt::format("{} is {}", found.front().path, error.what()));
  } catch (const FormatError& error) {
    throw CacheError(fmt::format("{} is damaged ({}): the next compile that asks for it replaces it",
                                 found.front().path, error.what()));
  }
}

std::uint64_t KernelCache::Store::clear() { return can_be_asked(root_) ? layout::clear(root_.folder()) : 0; }

Usage KernelCache::Store::usage() {
  Usage result;
  if (disabled_reason_.empty() && root_.access().usable) result = usage_files::read(root_.folder(), frame_key());
  result.add(counter_.unpublished());
  return result;
}

CacheStats KernelCache::Store::stats() {
  CacheStats result;
  static_cast<CacheCounters&>(result) = counter_.counters();
  result.max_bytes = options_.max_bytes;
  result.folder = usage().counters;
  try {
    for (const auto& found : all_entries()) {
      ++(found.is_in_seed ? result.seed_entries : result.entries);
      (found.is_in_seed ? result.seed_bytes : result.bytes) += found.bytes;
    }
  } catch (const CacheError& error) {  // the counters are worth having all the same
    log::warning_once("cache: stats " + root_.root(), "{}", error.what());
  }
  return result;
}

}  // namespace cujitsu
