// SPDX-License-Identifier: MIT
#include "cache/cache_folder.hpp"

#include "base/file.hpp"
#include "base/log.hpp"
#include "cache/layout.hpp"
#include "cache/trust.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

namespace cujitsu {

CacheFolder::CacheFolder(std::string root, Kind kind, KeyFile& key_file)
    : root_(std::move(root)), kind_(kind), key_file_(key_file) {
  while (root_.size() > 1 && root_.ends_with('/')) root_.pop_back();
  folder_ = layout::version_folder(root_);
}

const std::string& CacheFolder::refusal() const noexcept {
  static const std::string none;
  return state_.load(std::memory_order_acquire) == State::refused ? refusal_ : none;
}

CacheFolder::Access CacheFolder::access() {
  const auto state = state_.load(std::memory_order_acquire);
  if (state != State::unknown) return {state == State::usable, 0};
  return look();
}

CacheFolder::Access CacheFolder::look() {
  const std::lock_guard lock(mutex_);
  if (state_.load(std::memory_order_relaxed) == State::refused) return {};
  auto check = check_folder(root_, is_seed() ? Owners::user_or_root : Owners::user);
  // Nobody but us makes the folder below a root of our own.
  if (is_seed() && check.error == 0 && check.refusal.empty()) check = check_folder(folder_, Owners::user_or_root);
  if (check.error == ENOTDIR) check.error = ENOENT;  // something above it is a file: the first save says so
  if (check.error != 0) return {false, check.error};
  if (check.refusal.empty()) check.refusal = key_file_.refusal();
  if (check.refusal.empty()) {
    state_.store(State::usable, std::memory_order_release);
    return {true, 0};
  }
  refusal_ =
      fmt::format("the kernel cache's {} {} is not used: {}", is_seed() ? "seed" : "folder", root_, check.refusal);
  state_.store(State::refused, std::memory_order_release);
  if (is_seed())
    log::warning_once("cache: refused " + root_, "{}", refusal_);
  else if (!key_file_.refusal().empty())
    log::warning_once("cache: refused " + root_,
                      "{}; everything is compiled anew. Mend it or unset "
                      "CUJITSU_CACHE_KEY_FILE",
                      refusal_);
  else
    log::warning_once("cache: refused " + root_,
                      "{}; everything is compiled anew. Set CUJITSU_CACHE_DIR to another folder", refusal_);
  return {};
}

int CacheFolder::make(const std::string& folder) {
  // Before anything is made: where it must not be used, nothing is left there either.
  if (const auto [usable, root_error] = look(); !usable && root_error != ENOENT) return root_error;
  const int error = file::make_private_folder(root_);
  if (error != 0 && error != ENOTDIR) return error;  // ENOTDIR: the next line says it better
  if (const auto [usable, root_error] = look(); !usable) return error != 0 ? error : root_error;
  return file::make_private_folder(folder);
}

int CacheFolder::publish(const std::string& folder, const std::string& name, std::string_view content) {
  int error = 0;
  // The folders are made only when they turn out to be missing. More than once, for somebody may be removing the whole
  // folder by hand; our own `clear` removes none.
  for (int attempt = 0; attempt < 4; ++attempt) {
    if (attempt > 0 || state_.load(std::memory_order_acquire) != State::usable) {
      error = make(folder);
      if (error == ENOENT) continue;
      if (error != 0 || !refusal().empty()) return error;
    }
    error = file::publish(folder, name, content);
    if (error != ENOENT && error != ESTALE) return error;  // ESTALE: NFS, of a folder that was removed
  }
  return error;
}

}  // namespace cujitsu
