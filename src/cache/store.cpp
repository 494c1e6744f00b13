// SPDX-License-Identifier: MIT
#include "cache/store.hpp"

#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/log.hpp"
#include "cache/evictions.hpp"
#include "cache/guarded.hpp"
#include "cache/trust.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <utility>

namespace cujitsu {
namespace {

/// Removes a file that its frame or its content gives away. Returns the reason.
std::string discard_damaged(const std::string& path, std::string_view what, const char* damage) {
  const int error = file::remove(path);
  if (error != 0 && error != ENOENT) {
    log::warning_once("cache: damaged " + path,
                      "{} {} was damaged ({}) and can not be removed ({}); it is not used, please remove it", what,
                      path, damage, file::error_text(error));
    return fmt::format("{} was damaged ({}) and could not be removed ({})", what, damage, file::error_text(error));
  }
  log::warning_once("cache: damaged " + path, "{} {} was damaged ({}): it was removed", what, path, damage);
  return fmt::format("{} was damaged ({}): it was removed", what, damage);
}

std::string leave_damaged(const std::string& path, const char* damage) {
  log::warning_once("cache: damaged " + path, "the seed's entry {} is damaged ({}): it is not used", path, damage);
  return fmt::format("the seed's entry {} is damaged ({})", path, damage);
}

std::string text_of(const std::filesystem::path& path) { return path.native(); }

/// What the standard cache is given may be relative, and the current folder may change.
std::string absolute_text(const std::filesystem::path& path) {
  std::error_code error;
  auto result = std::filesystem::absolute(path, error);
  return text_of(error ? path : result);
}

}  // namespace

KernelCache::Store::Store(const std::filesystem::path& root, std::string disabled_reason, StoreSettings settings)
    : disabled_reason_(std::move(disabled_reason)),
      options_(std::move(settings.options)),
      key_file_(options_.key_file.empty() ? std::string() : absolute_text(options_.key_file)),
      root_(text_of(root), CacheFolder::Kind::writable, key_file_),
      sweeps_(settings.sweeps),
      sweeper_(root_.folder(), options_.max_bytes) {
  if (!disabled_reason_.empty()) return;
  path_ = root_.folder();
  for (const auto& seed : options_.seeds)
    seeds_.push_back(std::make_unique<CacheFolder>(absolute_text(seed), CacheFolder::Kind::seed, key_file_));
}

const std::string& KernelCache::Store::disabled_reason() const noexcept {
  const auto& refusal = root_.refusal();
  return refusal.empty() ? disabled_reason_ : refusal;
}

template <class Look>
bool KernelCache::Store::look_at(CacheFolder& place, const std::string& path, std::string& reason, const Look& look) {
  if (!disabled_reason_.empty()) {
    reason = disabled_reason_;
    return false;
  }
  const auto [usable, root_error] = place.access();
  if (!usable && root_error == 0) {
    reason = place.refusal();
    return false;
  }
  const int error = usable ? look() : root_error;
  if (error == 0) return true;
  if (error == ENOENT) return false;  // nothing is wrong
  log::warning_once("cache: unreadable " + path, "the kernel cache's file {} can not be read: {}", path,
                    file::error_text(error));
  reason = fmt::format("the stored entry could not be read ({})", file::error_text(error));
  return false;
}

bool KernelCache::Store::read(CacheFolder& place, const std::string& path, std::string& content, file::Status& status,
                              std::string& reason) {
  return look_at(place, path, reason, [&] { return file::read(path, content, &status); });
}

bool KernelCache::Store::is_trusted(const CacheFolder& place, const std::string& path, const file::Status& status,
                                    std::string& reason) {
  if (!place.is_seed()) return true;
  const auto distrust = distrust_of_file(status);
  if (distrust.empty()) return true;
  log::warning_once("cache: distrusted " + place.root(), "the seed's entry {} is not used: {}", path, distrust);
  reason = fmt::format("the seed's entry {} is not used: {}", path, distrust);
  return false;
}

std::optional<KernelCache::Store::LoadedEntry> KernelCache::Store::read_from(CacheFolder& place,
                                                                             const layout::EntryFile& file,
                                                                             std::string& reason) {
  LoadedEntry loaded;
  file::Status status;
  const auto as_it_is = [&] {
    loaded.file = file;
    loaded.file.bytes = status.bytes;
    loaded.file.modified = status.modified;
    return std::move(loaded);
  };
  if (memo_.has(file.path)) {
    if (!look_at(place, file.path, reason, [&] { return file::status(file.path, status); }) ||
        !is_trusted(place, file.path, status, reason))
      return std::nullopt;
    loaded.sound = memo_.find(file.path, status.stamp);
    loaded.stamp = status.stamp;
    if (loaded.sound != nullptr) return as_it_is();
  }
  const auto now = stamp_clock();
  auto sound = std::make_shared<SoundEntry>();
  if (!read(place, file.path, sound->content, status, reason) || !is_trusted(place, file.path, status, reason))
    return std::nullopt;
  try {
    sound->entry = decode_entry(sound->content, frame_key());
  } catch (const AuthenticationError& error) {
    log::debug("{} is not used: {}", file.path, error.what());
    reason = fmt::format("the stored entry is {}", error.what());
    return std::nullopt;
  } catch (const FormatError& error) {
    reason = place.is_seed() ? leave_damaged(file.path, error.what())
                             : discard_damaged(file.path, "the stored entry", error.what());
    return std::nullopt;
  }
  loaded.sound = std::move(sound);
  loaded.stamp = status.stamp;
  loaded.stamp.settled = is_old_enough(status.stamp, now);
  return as_it_is();
}

CacheFolder& KernelCache::Store::place_of(const layout::EntryFile& file) {
  if (file.is_in_seed)
    for (const auto& seed : seeds_)
      if (file.path.starts_with(seed->folder() + '/')) return *seed;
  return root_;
}

std::optional<KernelCache::Store::LoadedEntry> KernelCache::Store::read_entry(const layout::EntryFile& file,
                                                                              std::string& reason) noexcept {
  return guarded(reason, [&] { return read_from(place_of(file), file, reason); });
}

std::optional<std::int64_t> KernelCache::Store::evicted(std::string_view key) noexcept {
  std::string reason;
  return guarded(reason, [&]() -> std::optional<std::int64_t> {
    if (!disabled_reason_.empty() || !root_.access().usable) return std::nullopt;
    return evictions::time_of(root_.folder(), key, frame_key());
  });
}

std::optional<std::string> KernelCache::Store::load_note(std::string_view subject) noexcept {
  std::string reason;
  return guarded(reason, [&]() -> std::optional<std::string> {
    const auto path = layout::note(root_.folder(), to_hex(hash128(subject))).path();
    std::string content;
    file::Status status;
    if (!read(root_, path, content, status, reason)) return std::nullopt;
    try {
      return std::string(Frame(note_kind, content, frame_key()).section(note_section));
    } catch (const AuthenticationError& error) {
      log::debug("{} is not used: {}", path, error.what());
      return std::nullopt;
    } catch (const FormatError& error) {
      discard_damaged(path, "the stored note", error.what());
      return std::nullopt;
    }
  });
}

}  // namespace cujitsu
