// SPDX-License-Identifier: MIT
// KernelCache::export_bundle and import_bundle.
#include "base/file.hpp"
#include "base/file_stream.hpp"
#include "cache/bundle.hpp"
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

[[noreturn]] void raise_unreadable(const std::string& file, std::string_view why) {
  throw CacheError(fmt::format("the bundle {} can not be read: {}", file, why));
}

[[noreturn]] void raise_unwritable(const std::string& file, std::string_view why) {
  throw CacheError(fmt::format("the bundle {} can not be written: {}", file, why));
}

/// What a rename may replace: never a device or a folder, and not a link but the file behind it.
std::filesystem::path rename_target(const std::filesystem::path& file) {
  std::error_code error;
  // Absolute first: of a name alone that is not there yet, weakly_canonical knows no folder.
  auto target = std::filesystem::absolute(file, error);
  if (!error) target = std::filesystem::weakly_canonical(target, error);
  if (error) raise_unwritable(file.native(), error.message());
  if (target.filename().empty()) raise_unwritable(file.native(), "it is no file's name");
  if (std::filesystem::exists(target, error) && !std::filesystem::is_regular_file(target, error))
    raise_unwritable(file.native(), "something that is no file is there");
  return target;
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
  const auto found = entries_with(keys);
  if (found.empty()) throw CacheError(fmt::format("there is nothing to export: {} holds no entry", root_.folder()));

  const auto target = rename_target(file);
  const auto checked = [&](int error) {
    if (error != 0) raise_unwritable(file.native(), file::error_text(error));
  };
  file::Publication output;
  checked(output.start(target.parent_path().native(), target.filename().native(), 0666));
  checked(output.write(encode_bundle_head({}, found.size(), frame_key())));

  BundleExport result;
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
  file::Source input;
  std::string content;
  const auto checked = [&](int error) {
    if (error != 0) raise_unreadable(file.native(), file::error_text(error));
  };
  checked(input.open(file.native()));
  checked(input.read(frame_head_bytes, content));
  std::vector<BundleItem> items;
  try {
    const auto head_bytes = bundle_head_bytes(content);
    if (head_bytes > input.bytes() || head_bytes > file::max_bytes) throw FormatError("it is cut short");
    std::string rest;
    checked(input.read(head_bytes - content.size(), rest));
    items = decode_bundle_head(content + rest, frame_key());
  } catch (const AuthenticationError& error) {
    raise_unreadable(file.native(), fmt::format("it is {}", error.what()));
  } catch (const FormatError& error) {
    raise_unreadable(file.native(), error.what());
  }

  BundleImport result;
  const auto leave_out = [&](const std::string& key, std::string_view why) {
    result.problems.push_back(fmt::format("entry {} of {} is left out: {}", key, file.native(), why));
  };
  const bool has_entries = can_be_asked(root_);
  for (const auto& item : items) {
    if (item.bytes > input.left()) {
      leave_out(item.key, "the bundle ends before it does");
      checked(input.read(input.left(), content));
      continue;
    }
    checked(input.read(item.bytes, content));
    try {
      static_cast<void>(check_entry_file(item.key, content, frame_key()));
    } catch (const AuthenticationError& error) {
      leave_out(item.key, fmt::format("it is {}", error.what()));
      continue;
    } catch (const FormatError& damage) {
      leave_out(item.key, fmt::format("it is damaged ({})", damage.what()));
      continue;
    }
    if (has_entries && has_sound_entry(item.key)) {
      ++result.kept;
      continue;
    }
    publish_entry_file(item.key, content);
    ++result.imported;
  }
  if (result.imported != 0 && sweeps_) {
    ends_with_process();
    sweeper_.after_save(frame_key());
  }
  if (input.left() != 0)
    result.problems.push_back(fmt::format("{} has {} bytes that belong to no entry", file.native(), input.left()));
  return result;
}

}  // namespace cujitsu
