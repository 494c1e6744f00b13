// SPDX-License-Identifier: MIT
// What people and the command ask of the cache: list, find, clear, stats.
#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/log.hpp"
#include "cache/layout.hpp"
#include "cache/store.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <tuple>
#include <utility>

namespace cujitsu {
namespace {

/// Throws FormatError.
CacheEntry to_entry(const layout::EntryFile& found, std::string_view content) {
  auto stored = decode_entry(content);
  if (to_hex(hash128(stored.material)) != found.key) throw FormatError("its name is not its key");
  auto material = KeyMaterial::deserialize(stored.material);
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

bool KernelCache::Store::can_be_asked() {
  if (!disabled_reason_.empty()) return false;
  const auto [usable, error] = access();
  if (usable) return true;
  if (error == ENOENT) return false;
  if (error == 0) throw CacheError(disabled_reason());
  throw CacheError(fmt::format("the kernel cache's folder {} can not be read: {}", root_, file::error_text(error)));
}

std::vector<CacheEntry> KernelCache::Store::list() {
  std::vector<CacheEntry> result;
  if (!can_be_asked()) return result;
  std::string content;
  for (const auto& found : layout::entries(folder_)) {
    const int failure = file::read(found.path, content);
    if (failure == ENOENT) continue;  // removed since the folder was listed
    if (failure != 0) {
      log::warning_once("cache: unreadable " + found.path, "the kernel cache's file {} can not be read: {}", found.path,
                        file::error_text(failure));
      continue;
    }
    try {
      result.push_back(to_entry(found, content));
    } catch (const FormatError& error) {
      log::debug("{} is left out of the list: {}", found.path, error.what());
    }
  }
  std::sort(result.begin(), result.end(), [](const CacheEntry& a, const CacheEntry& b) {
    return std::tie(b.created, a.key) < std::tie(a.created, b.key);
  });
  return result;
}

CacheEntry KernelCache::Store::find(std::string_view prefix) {
  const auto digits = checked_prefix(prefix);
  if (!disabled_reason_.empty()) throw CacheError(disabled_reason_);
  std::vector<layout::EntryFile> found;
  if (can_be_asked()) found = layout::entries(folder_, digits);
  if (found.empty()) throw CacheError(fmt::format("no entry in {} has a key that starts with {}", folder_, digits));
  if (found.size() > 1) throw CacheError(ambiguous(digits, std::move(found)));
  std::string content;
  if (const int error = file::read(found.front().path, content))
    throw CacheError(fmt::format("{} can not be read: {}", found.front().path, file::error_text(error)));
  try {
    return to_entry(found.front(), content);
  } catch (const FormatError& error) {
    throw CacheError(fmt::format("{} is damaged ({}): the next compile that asks for it replaces it",
                                 found.front().path, error.what()));
  }
}

std::uint64_t KernelCache::Store::clear() { return can_be_asked() ? layout::clear(folder_) : 0; }

CacheStats KernelCache::Store::stats() {
  CacheStats result;
  result.hits = hits_.load(std::memory_order_relaxed);
  result.misses = misses_.load(std::memory_order_relaxed);
  result.bypasses = bypasses_.load(std::memory_order_relaxed);
  result.seconds_compiling = static_cast<double>(nanoseconds_compiling_.load(std::memory_order_relaxed)) * 1e-9;
  result.seconds_saved = static_cast<double>(nanoseconds_saved_.load(std::memory_order_relaxed)) * 1e-9;
  try {
    if (!can_be_asked()) return result;
    for (const auto& found : layout::entries(folder_)) {
      ++result.entries;
      result.bytes += found.bytes;
    }
  } catch (const CacheError& error) {  // the counters are worth having all the same
    log::warning_once("cache: stats " + root_, "{}", error.what());
  }
  return result;
}

}  // namespace cujitsu
