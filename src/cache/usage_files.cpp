// SPDX-License-Identifier: MIT
#include "cache/usage_files.hpp"

#include "base/file.hpp"
#include "cache/key_bytes.hpp"
#include "cache/layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace cujitsu {
namespace {

constexpr Tag usage_kind = "USAG";
constexpr Tag counters_section = "CNTR";
constexpr Tag hits_section = "HITS";
constexpr Tag merged_section = "MRGD";

constexpr std::string_view total_name = "total.usage";
constexpr std::string_view suffix = ".usage";
constexpr std::string_view lock_name = "lock";

// So many are read in a few milliseconds.
constexpr std::size_t many_files = 64;
constexpr std::size_t most_at_once = 4096;

struct UsageFile {
  Usage usage;
  std::vector<std::string> merged;  ///< files that are counted in it and may still be there
};

// A number from a file may be anything, and the sum must stay one.
std::uint64_t sum_of(std::uint64_t a, std::uint64_t b) noexcept {
  return a > std::numeric_limits<std::uint64_t>::max() - b ? std::numeric_limits<std::uint64_t>::max() : a + b;
}

double seconds_of(double value) noexcept { return value > 0 && value < 1e15 ? value : 0; }

std::string encode(const UsageFile& file, const FrameKey* key) {
  FrameWriter frame(usage_kind, 256 + 24 * file.usage.hits.size() + 64 * file.merged.size(), key);
  frame.section(counters_section, [&](ByteWriter& writer) {
    const auto& counters = file.usage.counters;
    for (const auto value :
         {counters.hits, counters.misses, counters.bypasses, counters.bytes_read, counters.bytes_written})
      writer.u64(value);
    writer.f64(counters.seconds_compiling);
    writer.f64(counters.seconds_saved);
  });
  frame.section(hits_section, [&](ByteWriter& writer) {
    writer.u64(file.usage.hits.size());
    for (const auto& [hex, hits] : file.usage.hits) {
      write_key(writer, hex);
      writer.u64(hits);
    }
  });
  frame.section(merged_section, [&](ByteWriter& writer) { writer.texts(file.merged); });
  return std::move(frame).finish();
}

/// Throws FormatError.
UsageFile decode(std::string_view bytes, const FrameKey* key) {
  const Frame frame(usage_kind, bytes, key);
  UsageFile file;
  ByteReader counters(frame.section(counters_section));
  auto& sum = file.usage.counters;
  for (auto* value : {&sum.hits, &sum.misses, &sum.bypasses, &sum.bytes_read, &sum.bytes_written})
    *value = counters.u64();
  sum.seconds_compiling = seconds_of(counters.f64());
  sum.seconds_saved = seconds_of(counters.f64());
  counters.finish();
  ByteReader hits(frame.section(hits_section));
  for (auto left = hits.count(key_bytes + 8); left > 0; --left) {
    auto hex = read_key(hits);
    file.usage.hits[std::move(hex)] = hits.u64();
  }
  hits.finish();
  ByteReader merged(frame.section(merged_section));
  file.merged = merged.texts();
  merged.finish();
  return file;
}

/// Nothing for what is not there, not ours, or can not be read; what is damaged counts nothing either, and is removed.
std::optional<UsageFile> read_file(const std::string& path, const FrameKey* key) {
  std::string content;
  if (file::read(path, content) != 0) return std::nullopt;
  try {
    return decode(content, key);
  } catch (const AuthenticationError&) {
    return std::nullopt;
  } catch (const FormatError&) {
    static_cast<void>(file::remove(path));
    return std::nullopt;
  }
}

struct Gathered {
  UsageFile total;
  std::vector<std::string> read;    ///< files that are now in `total`
  std::vector<std::string> merged;  ///< files that were in it before, and are still there
};

Gathered gather(const std::string& folder, const FrameKey* key) {
  Gathered result;
  std::vector<std::string> names;
  if (file::list_names(folder, names) != 0) return result;
  if (auto total = read_file(fmt::format("{}/{}", folder, total_name), key)) result.total = std::move(*total);
  const auto& merged = result.total.merged;
  for (auto& name : names) {
    if (!usage_files::is_ours(name) || name == total_name || name == lock_name) continue;
    if (std::find(merged.begin(), merged.end(), name) != merged.end()) {
      result.merged.push_back(std::move(name));
    } else if (result.read.size() < most_at_once) {
      const auto file = read_file(fmt::format("{}/{}", folder, name), key);
      if (!file) continue;
      result.total.usage.add(file->usage);
      result.read.push_back(std::move(name));
    }
  }
  return result;
}

}  // namespace

void add(CacheCounters& sum, const CacheCounters& other) noexcept {
  sum.hits = sum_of(sum.hits, other.hits);
  sum.misses = sum_of(sum.misses, other.misses);
  sum.bypasses = sum_of(sum.bypasses, other.bypasses);
  sum.bytes_read = sum_of(sum.bytes_read, other.bytes_read);
  sum.bytes_written = sum_of(sum.bytes_written, other.bytes_written);
  sum.seconds_compiling += other.seconds_compiling;
  sum.seconds_saved += other.seconds_saved;
}

void Usage::add(const Usage& other) {
  cujitsu::add(counters, other.counters);
  for (const auto& [key, count] : other.hits) {
    auto& value = hits[key];
    value = sum_of(value, count);
  }
}

namespace usage_files {

bool is_ours(std::string_view name) noexcept {
  return name == lock_name || (name.size() > suffix.size() && name.ends_with(suffix));
}

Usage read(const std::string& folder, const FrameKey* key) {
  return gather(layout::usage_folder(folder), key).total.usage;
}

bool publish(const std::string& folder, const Usage& usage, const FrameKey* key) {
  const auto here = layout::usage_folder(folder);
  const auto content = encode({usage, {}}, key);
  const auto name = file::unique_name() + std::string(suffix);
  int error = file::publish(here, name, content);
  if (error == ENOENT) {
    error = file::make_one_private_folder(here);
    if (error == 0) error = file::publish(here, name, content);
  }
  if (error != 0) return false;
  // Without this, programs that only ever hit would leave one file for each run, as nobody sweeps.
  std::vector<std::string> names;
  if (file::list_names(here, names) == 0 && names.size() > many_files)
    merge(folder, key, [](const std::string&) { return true; });
  return true;
}

void merge(const std::string& folder, const FrameKey* key, const std::function<bool(const std::string&)>& keeps) {
  const auto here = layout::usage_folder(folder);
  file::Lock lock;
  // Where there are no locks, two that merge at once may lose what one of them has counted.
  if (const int error = lock.try_to_take(fmt::format("{}/{}", here, lock_name));
      error == EWOULDBLOCK || error == ENOENT)
    return;
  auto gathered = gather(here, key);
  auto& total = gathered.total;
  const auto dropped = std::erase_if(total.usage.hits, [&](const auto& item) { return !keeps(item.first); });
  if (gathered.read.empty() && gathered.merged.empty() && dropped == 0) return;
  // A process that dies between the rename and the last removal leaves files that are counted already: their names are
  // in the total, until they are gone.
  auto& names = gathered.merged;
  names.insert(names.end(), gathered.read.begin(), gathered.read.end());
  total.merged = names;
  if (file::publish(here, std::string(total_name), encode(total, key)) != 0) return;
  for (const auto& name : names) static_cast<void>(file::remove(fmt::format("{}/{}", here, name)));
}

}  // namespace usage_files
}  // namespace cujitsu
