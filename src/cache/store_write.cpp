// SPDX-License-Identifier: MIT
// The way into the cache: entries, notes and counters.
#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/log.hpp"
#include "cache/end_of_process.hpp"
#include "cache/frame.hpp"
#include "cache/guarded.hpp"
#include "cache/store.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <utility>

namespace cujitsu {
namespace {

std::int64_t seconds_since_1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

/// What trying again can not mend while this process lives.
bool lasts(int error) noexcept { return error == EACCES || error == EPERM || error == EROFS; }

bool is_full(int error) noexcept { return error == ENOSPC || error == EDQUOT; }

}  // namespace

bool KernelCache::Store::save(const CacheKey& key, const CompiledCode& code, std::string& reason,
                              const ClosureRecord& closure) noexcept {
  return guarded(reason, [&] {
    if (!disabled_reason_.empty()) {
      reason = disabled_reason_;
      return false;
    }
    const auto place = layout::entry(root_.folder(), key.hex);
    const auto content = encode_entry(key.material, code, seconds_since_1970(), closure, frame_key());
    if (!publish(place.folder, place.name, content, reason)) return false;
    ends_with_process();
    counter_.count_written(content.size());
    if (sweeps_) sweeper_.after_save(frame_key());
    return true;
  });
}

void KernelCache::Store::save_note(std::string_view subject, std::string_view text) noexcept {
  std::string reason;
  guarded(reason, [&] {
    if (!disabled_reason_.empty()) return false;
    const auto place = layout::note(root_.folder(), to_hex(hash128(subject)));
    FrameWriter writer(note_kind, text.size() + 16, frame_key());
    writer.section(note_section, text);
    return publish(place.folder, place.name, std::move(writer).finish(), reason);
  });
}

void KernelCache::Store::remove_note(std::string_view subject) noexcept {
  std::string reason;
  guarded(reason, [&] {
    // What can not be removed is found out again by whoever reads it.
    if (!disabled_reason_.empty() || !root_.access().usable) return false;
    return file::remove(layout::note(root_.folder(), to_hex(hash128(subject))).path()) == 0;
  });
}

std::optional<std::string> KernelCache::Store::lock_file() noexcept {
  std::string reason;
  return guarded(reason, [&]() -> std::optional<std::string> {
    if (!enabled() || write_error_.load(std::memory_order_relaxed) != 0) return std::nullopt;
    const auto& folder = root_.folder();
    file::Status found;
    const bool is_there = root_.access().usable && file::status(folder, found) == 0 && found.type == file::Type::folder;
    if (const int error = is_there ? 0 : root_.make(folder)) {
      log::debug("processes do not share compiles: {} can not be made: {}", folder, file::error_text(error));
      return std::nullopt;
    }
    if (!enabled()) return std::nullopt;
    return layout::lock_file(folder);
  });
}

bool KernelCache::Store::publish(const std::string& folder, const std::string& name, std::string_view content,
                                 std::string& reason) {
  if (const int error = write_error_.load(std::memory_order_relaxed)) {
    reason = unwritable(error);
    return false;
  }
  const int error = enabled() ? root_.publish(folder, name, content) : 0;
  if (!enabled()) {  // also when it has only now turned out that the root must be refused
    reason = disabled_reason();
    return false;
  }
  if (error == 0) return true;
  reason = unwritable(error);
  log::warning_once(fmt::format("cache: unwritable {} {}", error, root_.root()),
                    "what was compiled is not stored: {}; set CUJITSU_CACHE_DIR to a folder {}, or "
                    "CUJITSU_CACHE_DISABLE=1",
                    reason, is_full(error) ? "with room" : "that can be written to");
  if (lasts(error)) write_error_.store(error, std::memory_order_relaxed);
  return false;
}

std::string KernelCache::Store::unwritable(int error) const {
  return fmt::format("{} can not be written to ({})", root_.root(), file::error_text(error));
}

void KernelCache::Store::count_hit(double seconds) noexcept {
  std::string reason;
  guarded(reason, [&] {
    ends_with_process();
    counter_.count_shared(seconds);
    return true;
  });
}

void KernelCache::Store::count_miss(double seconds) noexcept {
  std::string reason;
  guarded(reason, [&] {
    ends_with_process();
    counter_.count_miss(seconds);
    return true;
  });
}

void KernelCache::Store::count_bypass(double seconds) noexcept {
  std::string reason;
  guarded(reason, [&] {
    ends_with_process();
    counter_.count_bypass(seconds);
    return true;
  });
}

void KernelCache::Store::ends_with_process() {
  const auto now = fork_generation() + 1;
  if (ends_in_.load(std::memory_order_relaxed) == now) return;
  end_of_process::remember(this);
  ends_in_.store(now, std::memory_order_relaxed);
}

KernelCache::Store::~Store() {
  end_of_process::forget(this);
  end();
}

void KernelCache::Store::end() noexcept {
  sweeper_.stop();
  std::string reason;
  guarded(reason, [&] {
    if (!disabled_reason_.empty() || write_error_.load(std::memory_order_relaxed) != 0 || !root_.access().usable)
      return false;
    counter_.publish(root_.folder(), frame_key());
    return true;
  });
}

}  // namespace cujitsu
