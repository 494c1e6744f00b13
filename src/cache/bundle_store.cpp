// SPDX-License-Identifier: MIT
// KernelCache::export_bundle and import_bundle.
#include "base/file.hpp"
#include "base/file_stream.hpp"
#include "cache/bundle.hpp"
#include "cache/bundle_reader.hpp"
#include "cache/checked_entry.hpp"
#include "cache/layout.hpp"
#include "cache/store.hpp"
#include "cache/trust.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <system_error>
#include <utility>

namespace cujitsu {
namespace {

[[noreturn]] void raise_unwritable(const std::string& file, std::string_view why) {
  throw CacheError(fmt::format("the bundle {} can not be written: {}", file, why));
}

constexpr int most_links = 40;  // as Linux

/// What a rename may replace: never a device or a folder, and not a link but the file behind it.
std::filesystem::path rename_target(const std::filesystem::path& file) {
  std::error_code error;
  auto target = std::filesystem::absolute(file, error);  // another thread may go to another folder meanwhile
  if (error) raise_unwritable(file.native(), error.message());
  for (int links = 0;; ++links) {
    if (target.filename().empty()) raise_unwritable(file.native(), "it is no file's name");
    file::Status status;
    const int found = file::link_status(target.native(), status);
    if (found == ENOENT) return target;
    if (found != 0) raise_unwritable(file.native(), file::error_text(found));
    if (status.type == file::Type::regular) return target;
    if (status.type != file::Type::link) raise_unwritable(file.native(), "something that is no file is there");
    std::string text;
    const int failed = links == most_links ? ELOOP : file::read_link(target.native(), text);
    if (failed != 0) raise_unwritable(file.native(), file::error_text(failed));
    target = target.parent_path() / text;  // which is `text` alone where that is absolute
  }
}

/// Lower-case digits; empty for what is no beginning of a key.
std::string key_digits(std::string text) {
  for (char& digit : text)
    if (digit >= 'A' && digit <= 'F') digit = static_cast<char>(digit - 'A' + 'a');
  return text.find_first_not_of("0123456789abcdef") == std::string::npos ? text : std::string();
}

/// The whole of what a filter asks for: the head of the file, which `list` reads, may have been shortened.
CacheSummary summary_of(const layout::EntryFile& file, const CheckedEntry& checked) {
  CacheSummary summary;
  summary.key = file.key;
  summary.last_used = file.modified;
  summary.name = checked.material.options.name;
  summary.arch = checked.material.options.arch;
  for (const auto& kernel : checked.entry.code.kernels) summary.kernels.push_back(kernel.name);
  return summary;
}

}  // namespace

std::vector<layout::EntryFile> KernelCache::Store::entries_with(const std::vector<std::string>& keys) {
  std::vector<layout::EntryFile> found;
  if (keys.empty()) found = all_entries();
  for (const auto& key : keys) {
    const auto digits = key_digits(key);
    auto some = digits.empty() ? std::vector<layout::EntryFile>() : all_entries(digits);
    if (some.empty())
      throw CacheError(fmt::format("no entry in {} has a key that starts with '{}'", root_.folder(), key));
    std::move(some.begin(), some.end(), std::back_inserter(found));
  }
  std::ranges::sort(found, {}, &layout::EntryFile::key);
  const auto same = std::ranges::unique(found, {}, &layout::EntryFile::key);
  found.erase(same.begin(), same.end());
  return found;
}

BundleExport KernelCache::Store::export_bundle(const std::filesystem::path& file, const CacheFilter& filter,
                                               const std::vector<std::string>& keys) {
  if (!disabled_reason_.empty()) throw CacheError(disabled_reason_);
  BundleExport result;
  for (const auto& seed : unreadable_seeds())
    result.problems.push_back(fmt::format("the seed {} {}", seed.root, seed.problem));
  const auto found = entries_with(keys);
  if (found.empty()) throw CacheError(fmt::format("there is nothing to export: {} holds no entry", root_.folder()));

  const auto target = rename_target(file);
  const auto checked = [&](int error) {
    if (error != 0) raise_unwritable(file.native(), file::error_text(error));
  };
  file::Publication output;
  checked(output.start(target.parent_path().native(), target.filename().native(), 0666));
  checked(output.write(encode_bundle_head({}, found.size(), frame_key())));

  std::vector<BundleItem> items;
  std::string content;
  for (const auto& each : found) {
    file::Status status;
    const int error = file::read(each.path, content, &status);
    if (error == ENOENT) continue;  // removed since the folder was listed
    if (error != 0) {
      result.problems.push_back(fmt::format("{} can not be read: {}", each.path, file::error_text(error)));
      continue;
    }
    // A bundle is trusted as a whole: what no compile would take from a seed must not get into it.
    if (const auto distrust = each.is_in_seed ? distrust_of_file(status) : std::string(); !distrust.empty()) {
      result.problems.push_back(fmt::format("{} is not used: {}", each.path, distrust));
      continue;
    }
    try {
      if (!filter.fits(summary_of(each, check_entry_file(each.key, content, frame_key())))) continue;
    } catch (const AuthenticationError& refusal) {
      result.problems.push_back(fmt::format("{} is {}", each.path, refusal.what()));
      continue;
    } catch (const FormatError& damage) {
      result.problems.push_back(fmt::format("{} is damaged ({})", each.path, damage.what()));
      continue;
    }
    checked(output.write(content));
    items.push_back({each.key, content.size()});
    result.bytes += content.size();
  }
  if (items.empty())
    throw CacheError(fmt::format("there is nothing to export: of {} entries in {} none is as asked for{}{}",
                                 found.size(), root_.folder(), result.problems.empty() ? "" : "; ",
                                 result.problems.empty() ? "" : result.problems.front()));
  const auto head = encode_bundle_head(items, found.size(), frame_key());
  checked(output.rewrite_start(head));
  checked(output.finish());
  result.entries = items.size();
  result.bytes += head.size();
  return result;
}

bool KernelCache::Store::has_sound_entry(const std::string& key) {
  std::string content;
  if (file::read(layout::entry(root_.folder(), key).path(), content) != 0) return false;
  try {
    static_cast<void>(check_entry_file(key, content, frame_key()));
    return true;
  } catch (const FormatError&) {
    return false;  // what is published next replaces it
  }
}

void KernelCache::Store::publish_entry_file(const std::string& key, std::string_view content) {
  const auto place = layout::entry(root_.folder(), key);
  const int error = root_.publish(place.folder, place.name, content);
  if (!enabled()) throw CacheError(disabled_reason());
  if (error != 0)
    throw CacheError(fmt::format("entry {} is not imported, nor what follows it: {}", key, unwritable(error)));
}

BundleImport KernelCache::Store::import_bundle(const std::filesystem::path& file) {
  if (!disabled_reason_.empty()) throw CacheError(disabled_reason_);
  // Else the bundle would be said to be at fault for what its entries were made with.
  if (const auto& refusal = key_file_.refusal(); !refusal.empty())
    throw CacheError(fmt::format("nothing is imported into {}: {}", root_.root(), refusal));
  BundleReader bundle(file.native(), frame_key());
  BundleImport result;
  const bool has_entries = can_be_asked(root_);
  while (const auto entry = bundle.next()) {
    const std::string key(entry->key);
    if (!entry->problem.empty()) {
      result.problems.push_back(fmt::format("entry {} of {} is left out: {}", key, file.native(), entry->problem));
    } else if (has_entries && has_sound_entry(key)) {
      ++result.kept;
    } else {
      publish_entry_file(key, entry->content);
      ++result.imported;
    }
  }
  if (result.imported != 0 && sweeps_) {
    ends_with_process();
    sweeper_.after_save(frame_key());
  }
  if (bundle.left() != 0)
    result.problems.push_back(fmt::format("{} has {} bytes that belong to no entry", file.native(), bundle.left()));
  return result;
}

}  // namespace cujitsu
