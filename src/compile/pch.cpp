// SPDX-License-Identifier: MIT
#include "compile/pch.hpp"

#include "base/file.hpp"
#include "base/log.hpp"
#include "compile/diagnostics.hpp"
#include "compile/pch_fingerprint.hpp"
#include "compile/pch_folder.hpp"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <utility>

namespace cujitsu::compiler {
namespace {

constexpr std::size_t most_heap_bytes = std::size_t{4} << 30;

/// The precompiled headers of one fingerprint.
struct Place {
  enum class State {
    empty,   ///< the next compile makes them
    making,  ///< one compile does, others wait
    ready,
    bad,  ///< they can not be made, or change what is logged
  };
  State state = State::empty;
  std::string folder;
  int attempts = 0;
};

struct Process {
  std::mutex mutex;
  std::condition_variable changed;
  std::string parent;
  std::unique_ptr<PchFolder> root;
  bool has_tried_root = false;
  std::map<std::string, Place> places;
  unsigned made = 0;
  std::shared_mutex heap;  ///< shared: NVRTC uses the precompiled headers' heap; exclusive: it is replaced
};

std::atomic<Process*> process{nullptr};  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

/// This process's own: a forked child begins with none, and leaves the parent's folder alone. Never destroyed.
Process& this_process() {
  static const int registered = ::pthread_atfork(nullptr, nullptr, [] { process.store(nullptr); });
  static_cast<void>(registered);
  auto* current = process.load(std::memory_order_acquire);
  if (current != nullptr) return *current;
  auto fresh = std::make_unique<Process>();
  if (process.compare_exchange_strong(current, fresh.get())) return *fresh.release();
  return *current;
}

void remove_at_exit() {
  std::atexit([] {
    auto* current = process.load(std::memory_order_acquire);
    if (current == nullptr) return;
    const std::lock_guard lock(current->mutex);
    current->root.reset();
    current->has_tried_root = true;  // a compile that still runs makes no new one
  });
}

/// With the lock held.
const std::string& root_of(Process& here) {
  static const std::string none;
  if (!here.has_tried_root) {
    here.has_tried_root = true;
    auto folder = std::make_unique<PchFolder>();
    if (const int error = folder->make(here.parent); error == 0) {
      here.root = std::move(folder);
      static std::once_flag once;
      std::call_once(once, remove_at_exit);
    } else {
      log::debug("headers are not precompiled: no folder for them can be made: {}", file::error_text(error));
    }
  }
  return here.root == nullptr ? none : here.root->path();
}

/// What is said in the headers is said only by the compile that precompiles them: the others would log less without it.
bool speaks_of_headers(std::string_view log, const std::string& name, int next_line) {
  const auto diagnostics = parse_log(log, {}, {});
  return std::ranges::any_of(diagnostics, [&](const Diagnostic& diagnostic) {
    return diagnostic.file != name || diagnostic.line < next_line;
  });
}

}  // namespace

std::string pch_root() {
  auto& here = this_process();
  const std::lock_guard lock(here.mutex);
  return root_of(here);
}

void set_pch_parent(const std::string& folder) {
  auto& here = this_process();
  const std::lock_guard lock(here.mutex);
  if (here.parent == folder || folder.empty()) return;
  here.parent = folder;
  here.root.reset();
  here.has_tried_root = false;
  here.places.clear();
}

void remove_left_behind_by_workers() {
  auto& here = this_process();
  const std::lock_guard lock(here.mutex);
  if (here.root != nullptr) remove_left_behind(here.root->path());
}

struct PchUse::Parts {
  const nvrtc::Nvrtc& nvrtc;
  const CompileOptions& options;
  const std::vector<std::string>& nvrtc_options;
  std::string_view source;
  PchPrefix prefix;
  std::string fingerprint;
  std::string folder;
  Process& here;
  std::shared_lock<std::shared_mutex> heap;
  bool makes = false;
  bool has_ended = false;

  void settle(Place::State state) {
    {
      const std::lock_guard lock(here.mutex);
      const auto it = here.places.find(fingerprint);
      if (it == here.places.end()) return;
      it->second.state = state;
      if (state != Place::State::ready) {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
      }
    }
    here.changed.notify_all();
  }

  /// The heap was too small: the headers are made again, by the next compile that wants them.
  void grow_heap(std::size_t required) {
    heap.unlock();
    const std::unique_lock exclusive(here.heap);
    std::size_t size = 0;
    if (required == 0 || nvrtc.api.nvrtcGetPCHHeapSize(&size) != nvrtc::result::success)
      return settle(Place::State::bad);
    const auto wanted = required + required / 4;  // so that the next, a little larger, needs no other
    if (wanted > most_heap_bytes) return settle(Place::State::bad);
    if (size < wanted && nvrtc.api.nvrtcSetPCHHeapSize(wanted) != nvrtc::result::success)
      return settle(Place::State::bad);
    log::debug("the heap for precompiled headers grows from {} to {} bytes", size, wanted);
    if (size < wanted) {
      // What was made in the old heap has gone with it.
      const std::lock_guard lock(here.mutex);
      for (auto& [key, place] : here.places) {
        if (place.state != Place::State::ready) continue;
        place.state = Place::State::empty;
        std::error_code ignored;
        std::filesystem::remove_all(place.folder, ignored);
      }
    }
    settle(Place::State::empty);
  }
};

PchUse::PchUse(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

std::unique_ptr<PchUse> PchUse::begin(const nvrtc::Nvrtc& nvrtc, std::string_view source, const CompileOptions& options,
                                      const std::vector<std::string>& nvrtc_options) {
  constexpr int most_attempts = 3;
  if (options.pch != Pch::automatic) return nullptr;
  if (!nvrtc.api.has_precompiled_headers()) {
    log::debug("{}: headers are not precompiled: NVRTC {}.{} is older than 12.8", options.name, nvrtc.major,
               nvrtc.minor);
    return nullptr;
  }
  const auto prefix = pch_prefix(source);
  auto fingerprint =
      prefix ? pch_fingerprint(source.substr(0, prefix->bytes), options, nvrtc_options) : std::optional<std::string>();
  if (!fingerprint) {
    log::debug("{}: headers are not precompiled: it does not begin with #include lines whose files can be told",
               options.name);
    return nullptr;
  }
  auto& here = this_process();
  std::unique_lock lock(here.mutex);
  // By path, for another NVRTC has another heap.
  auto& place = here.places[*fingerprint + nvrtc.path];
  here.changed.wait(lock, [&] { return place.state != Place::State::making; });
  if (place.state == Place::State::bad) return nullptr;
  const bool makes = place.state == Place::State::empty;
  if (makes) {
    const auto& root = root_of(here);
    if (root.empty()) return nullptr;
    auto folder = root + "/" + std::to_string(here.made++);
    if (++place.attempts > most_attempts || ::mkdir(folder.c_str(), 0700) != 0) {
      place.state = Place::State::bad;
      return nullptr;
    }
    place.folder = std::move(folder);
    place.state = Place::State::making;
  }
  auto parts = std::unique_ptr<Parts>(new Parts{
      nvrtc, options, nvrtc_options, source, *prefix, *fingerprint + nvrtc.path, place.folder, here, {}, makes, false});
  lock.unlock();
  parts->heap = std::shared_lock(here.heap);
  return std::unique_ptr<PchUse>(new PchUse(std::move(parts)));
}

PchUse::~PchUse() {
  if (!parts_->has_ended && parts_->makes) parts_->settle(Place::State::empty);
}

const PchPrefix& PchUse::prefix() const noexcept { return parts_->prefix; }

std::vector<std::string> PchUse::options() const {
  // 20283: "PCH creation disabled because #line directive encountered", which is behind what is precompiled.
  return {"--pch", "--pch-dir=" + parts_->folder, "--pch-messages=false", "--pch-verbose=false",
          "--diag-suppress=20283"};
}

void PchUse::end(nvrtc::ProgramHandle program, std::string_view log) {
  auto& parts = *parts_;
  const auto& api = parts.nvrtc.api;
  parts.has_ended = true;
  if (!parts.makes) return;
  const auto& name = parts.options.name;
  const auto status = api.nvrtcGetPCHCreateStatus(program);
  if (status == nvrtc::result::pch_heap_exhausted) {
    std::size_t required = 0;
    if (api.nvrtcGetPCHHeapSizeRequired(program, &required) != nvrtc::result::success) required = 0;
    return parts.grow_heap(required);
  }
  if (status != nvrtc::result::success) {
    log::debug("{}: headers are not precompiled: NVRTC says: {}", name, api.nvrtcGetErrorString(status));
    return parts.settle(Place::State::bad);
  }
  if (speaks_of_headers(log, name, parts.prefix.next_line)) {
    log::debug("{}: headers are not precompiled: there are warnings in them, which would then be lost", name);
    return parts.settle(Place::State::bad);
  }
  // A file that was changed meanwhile may be in them with either content.
  const auto now = pch_fingerprint(parts.source.substr(0, parts.prefix.bytes), parts.options, parts.nvrtc_options);
  if (!now || *now + parts.nvrtc.path != parts.fingerprint) return parts.settle(Place::State::empty);
  log::debug("{}: its headers are precompiled now", name);
  parts.settle(Place::State::ready);
}

}  // namespace cujitsu::compiler
