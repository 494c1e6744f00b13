// SPDX-License-Identifier: MIT
#include "compile/pch_places.hpp"

#include "base/file.hpp"
#include "base/fork_local.hpp"
#include "base/log.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

namespace cujitsu::compiler {
namespace {

ForkLocal<PchPlaces>& instances() {
  static auto* const all = new ForkLocal<PchPlaces>;
  return *all;
}

void remove_at_exit() {
  std::atexit([] { instances().get().remove_root(); });
}

void remove_folder(const std::string& folder) {
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

}  // namespace

PchPlaces& PchPlaces::of_this_process() { return instances().get(); }

const std::string& PchPlaces::root_locked() {
  static const std::string none;
  if (!has_tried_root_) {
    has_tried_root_ = true;
    auto folder = std::make_unique<PchFolder>();
    if (const int error = folder->make(parent_); error == 0) {
      root_ = std::move(folder);
      static std::once_flag once;
      std::call_once(once, remove_at_exit);
    } else {
      log::debug("headers are not precompiled: no folder for them can be made: {}", file::error_text(error));
    }
  }
  return root_ == nullptr ? none : root_->path();
}

std::string PchPlaces::root() {
  const std::lock_guard lock(mutex_);
  return root_locked();
}

void PchPlaces::set_parent(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  if (parent_ == folder || folder.empty()) return;
  parent_ = folder;
  root_.reset();
  has_tried_root_ = false;
  places_.clear();
}

void PchPlaces::remove_root() {
  const std::lock_guard lock(mutex_);
  root_.reset();
  has_tried_root_ = true;  // a compile that still runs makes no new one
}

std::optional<PchPlaces::Turn> PchPlaces::take(const std::string& fingerprint) {
  constexpr int most_attempts = 3;
  std::unique_lock lock(mutex_);
  auto& place = places_[fingerprint];
  changed_.wait(lock, [&] { return place.state != State::making; });
  if (place.state == State::bad) return std::nullopt;
  if (place.state == State::ready) return Turn{place.folder, false};
  const auto& root = root_locked();
  if (root.empty()) return std::nullopt;
  auto folder = root + "/" + std::to_string(made_++);
  if (++place.attempts > most_attempts || ::mkdir(folder.c_str(), 0700) != 0) {
    place.state = State::bad;
    return std::nullopt;
  }
  place.folder = std::move(folder);
  place.state = State::making;
  return Turn{place.folder, true};
}

void PchPlaces::settle(const std::string& fingerprint, State state) {
  {
    const std::lock_guard lock(mutex_);
    const auto it = places_.find(fingerprint);
    if (it == places_.end()) return;
    it->second.state = state;
    if (state != State::ready) remove_folder(it->second.folder);
  }
  changed_.notify_all();
}

void PchPlaces::forget_ready(const std::string& fingerprint, const std::string& folder) {
  const std::lock_guard lock(mutex_);
  const auto it = places_.find(fingerprint);
  if (it == places_.end() || it->second.state != State::ready || it->second.folder != folder) return;
  it->second.state = State::empty;
  remove_folder(folder);
}

void PchPlaces::forget_ready() {
  const std::lock_guard lock(mutex_);
  for (auto& [fingerprint, place] : places_) {
    if (place.state != State::ready) continue;
    place.state = State::empty;
    remove_folder(place.folder);
  }
}

std::string pch_root() { return PchPlaces::of_this_process().root(); }

void set_pch_parent(const std::string& folder) { PchPlaces::of_this_process().set_parent(folder); }

void remove_left_behind_by_workers() {
  if (const auto root = pch_root(); !root.empty()) remove_left_behind(root);
}

}  // namespace cujitsu::compiler
