// SPDX-License-Identifier: MIT
#include "cache/store.hpp"

#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/log.hpp"
#include "cache/frame.hpp"
#include "cache/layout.hpp"
#include "cache/root.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <utility>

namespace cujitsu {
namespace {

constexpr Tag note_kind = "NOTE";
constexpr Tag note_section = "TEXT";

std::uint64_t to_nanoseconds(double seconds) noexcept {
  // Also refuses NaN: a stored number may be anything, and converting it must stay defined.
  return seconds > 0 && seconds < 1e9 ? static_cast<std::uint64_t>(seconds * 1e9) : 0;
}

std::int64_t seconds_since_1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

/// Runs `body` for a noexcept function. Only a lack of memory can come out of it.
template <class Body>
auto guarded(std::string& reason, const Body& body) noexcept -> decltype(body()) {
  try {
    return body();
  } catch (...) {
    reason = "out of memory";  // short enough for the string's own buffer, so this can not throw
    return {};
  }
}

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

/// What trying again can not mend while this process lives.
bool lasts(int error) noexcept { return error == EACCES || error == EPERM || error == EROFS; }

bool is_full(int error) noexcept { return error == ENOSPC || error == EDQUOT; }

}  // namespace

KernelCache::Store::Store(const std::filesystem::path& root, std::string disabled_reason)
    : root_(root.native()), disabled_reason_(std::move(disabled_reason)) {
  while (root_.size() > 1 && root_.ends_with('/')) root_.pop_back();  // lstat("link/") would follow the link
  if (!disabled_reason_.empty()) return;
  folder_ = layout::version_folder(root_);
  path_ = folder_;
}

const std::string& KernelCache::Store::disabled_reason() const noexcept {
  return root_state_.load(std::memory_order_acquire) == RootState::refused ? refused_reason_ : disabled_reason_;
}

KernelCache::Store::Access KernelCache::Store::access() {
  if (!disabled_reason_.empty()) return {};
  const auto state = root_state_.load(std::memory_order_acquire);
  if (state != RootState::unknown) return {state == RootState::usable, 0};
  return look_at_root();
}

KernelCache::Store::Access KernelCache::Store::look_at_root() {
  const std::lock_guard lock(root_mutex_);
  if (root_state_.load(std::memory_order_relaxed) == RootState::refused) return {};
  auto check = check_root(root_);
  if (check.error == ENOTDIR) check.error = ENOENT;  // something above it is a file: the first save says so
  if (check.error != 0) return {false, check.error};
  if (check.refusal.empty()) {
    root_state_.store(RootState::usable, std::memory_order_release);
    return {true, 0};
  }
  refused_reason_ = fmt::format("the kernel cache's folder {} is not used: {}", root_, check.refusal);
  root_state_.store(RootState::refused, std::memory_order_release);
  log::warning_once("cache: refused " + root_,
                    "{}; everything is compiled anew. Set CUJITSU_CACHE_DIR to another folder", refused_reason_);
  return {};
}

bool KernelCache::Store::read(const std::string& path, std::string& content, std::string& reason) {
  const auto [usable, root_error] = access();
  if (!usable && root_error == 0) {
    reason = disabled_reason();
    return false;
  }
  const int error = usable ? file::read(path, content) : root_error;
  if (error == 0) return true;
  if (error == ENOENT) {
    reason = "nothing is stored for this source, these options and this compiler";
    return false;
  }
  log::warning_once("cache: unreadable " + path, "the kernel cache's file {} can not be read: {}", path,
                    file::error_text(error));
  reason = fmt::format("the stored entry could not be read ({})", file::error_text(error));
  return false;
}

std::optional<CompiledCode> KernelCache::Store::load(const CacheKey& key, std::string& reason) noexcept {
  return guarded(reason, [&]() -> std::optional<CompiledCode> {
    const auto path = layout::entry(folder_, key.hex).path();
    std::string content;
    if (!read(path, content, reason)) return std::nullopt;
    StoredEntry entry;
    try {
      entry = decode_entry(content);
    } catch (const FormatError& error) {
      reason = discard_damaged(path, "the stored entry", error.what());
      return std::nullopt;
    }
    if (entry.material != key.material) {
      log::debug("{} holds another program's entry", path);
      reason = "the stored entry is another program's with the same key";
      return std::nullopt;
    }
    auto& code = entry.code;
    code.cache_status = CacheStatus::hit;
    code.cache_reason = "a stored entry has the same source, options, headers and compiler";
    code.cache_key = key.hex;
    hits_.fetch_add(1, std::memory_order_relaxed);
    nanoseconds_saved_.fetch_add(to_nanoseconds(code.seconds), std::memory_order_relaxed);
    return std::move(code);
  });
}

bool KernelCache::Store::save(const CacheKey& key, const CompiledCode& code, std::string& reason) noexcept {
  return guarded(reason, [&] {
    const auto place = layout::entry(folder_, key.hex);
    return publish(place.folder, place.name, encode_entry(key.material, code, seconds_since_1970()), reason);
  });
}

std::optional<std::string> KernelCache::Store::load_note(std::string_view subject) noexcept {
  std::string reason;
  return guarded(reason, [&]() -> std::optional<std::string> {
    const auto path = layout::note(folder_, to_hex(hash128(subject))).path();
    std::string content;
    if (!read(path, content, reason)) return std::nullopt;
    try {
      return std::string(Frame(note_kind, content).section(note_section));
    } catch (const FormatError& error) {
      discard_damaged(path, "the stored note", error.what());
      return std::nullopt;
    }
  });
}

void KernelCache::Store::save_note(std::string_view subject, std::string_view text) noexcept {
  std::string reason;
  guarded(reason, [&] {
    const auto place = layout::note(folder_, to_hex(hash128(subject)));
    FrameWriter writer(note_kind, text.size() + 16);
    writer.section(note_section, text);
    return publish(place.folder, place.name, std::move(writer).finish(), reason);
  });
}

bool KernelCache::Store::publish(const std::string& folder, const std::string& name, std::string_view content,
                                 std::string& reason) {
  if (const int error = write_error_.load(std::memory_order_relaxed)) {
    reason = unwritable(error);
    return false;
  }
  const int error = enabled() ? try_to_publish(folder, name, content) : 0;
  if (!enabled()) {  // also when it has only now turned out that the root must be refused
    reason = disabled_reason();
    return false;
  }
  if (error == 0) return true;
  reason = unwritable(error);
  log::warning_once(fmt::format("cache: unwritable {} {}", error, root_),
                    "what was compiled is not stored: {}; set CUJITSU_CACHE_DIR to a folder {}, or "
                    "CUJITSU_CACHE_DISABLE=1",
                    reason, is_full(error) ? "with room" : "that can be written to");
  if (lasts(error)) write_error_.store(error, std::memory_order_relaxed);
  return false;
}

int KernelCache::Store::try_to_publish(const std::string& folder, const std::string& name, std::string_view content) {
  int error = 0;
  // The folders are made only when they turn out to be missing. More than once, for somebody may be removing the whole
  // folder by hand; our own `clear` removes none.
  for (int attempt = 0; attempt < 4; ++attempt) {
    if (attempt > 0 || root_state_.load(std::memory_order_acquire) != RootState::usable) {
      error = file::make_private_folder(root_);
      if (error != 0 && error != ENOTDIR) return error;  // ENOTDIR: the next line says it better
      if (const auto [usable, root_error] = look_at_root(); !usable) return error != 0 ? error : root_error;
      error = file::make_private_folder(folder);
      if (error == ENOENT) continue;
      if (error != 0) return error;
    }
    error = file::publish(folder, name, content);
    if (error != ENOENT) return error;
  }
  return error;
}

std::string KernelCache::Store::unwritable(int error) const {
  return fmt::format("{} can not be written to ({})", root_, file::error_text(error));
}

void KernelCache::Store::count_miss(double seconds) noexcept {
  misses_.fetch_add(1, std::memory_order_relaxed);
  nanoseconds_compiling_.fetch_add(to_nanoseconds(seconds), std::memory_order_relaxed);
}

void KernelCache::Store::count_bypass(double seconds) noexcept {
  bypasses_.fetch_add(1, std::memory_order_relaxed);
  nanoseconds_compiling_.fetch_add(to_nanoseconds(seconds), std::memory_order_relaxed);
}

}  // namespace cujitsu
