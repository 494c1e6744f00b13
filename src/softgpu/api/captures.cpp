// SPDX-License-Identifier: MIT
#include "softgpu/api/captures.hpp"

#include "softgpu/api/errors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cujitsu::softgpu::api {
namespace {

thread_local int thread_mode = capture_global;

struct Captures {
  std::atomic<std::size_t> count{0};  ///< of the list: most calls meet an empty one
  std::mutex mutex;
  std::vector<std::shared_ptr<Capture>> list;
};

/// Never destroyed, as registries().
Captures& captures() {
  static auto* all = new Captures;
  return *all;
}

bool forbids(const Capture& capture) {
  if (thread_mode == capture_relaxed) return false;
  if (capture.thread == thread_number()) return capture.mode != capture_relaxed;
  return thread_mode == capture_global && capture.mode == capture_global;
}

}  // namespace

void note_capture(const std::shared_ptr<Capture>& capture) {
  auto& all = captures();
  const std::lock_guard lock(all.mutex);
  std::erase_if(all.list, [](const auto& each) { return each->has_ended.load(); });
  all.list.push_back(capture);
  all.count.store(all.list.size());
}

int exchange_capture_mode(int mode) { return std::exchange(thread_mode, mode); }

void check_capture_allows(const char* what) {
  auto& all = captures();
  if (all.count.load() == 0) return;
  const Capture* strictest = nullptr;
  const std::lock_guard lock(all.mutex);
  std::erase_if(all.list, [](const auto& each) { return each->has_ended.load(); });
  all.count.store(all.list.size());
  for (const auto& capture : all.list) {
    if (!forbids(*capture)) continue;
    capture->invalidated = true;
    strictest = capture.get();
  }
  if (strictest == nullptr) return;
  fail(result::capture_unsupported,
       fmt::format("{} while {} captures a stream in {} mode: call it before or after, or capture in relaxed mode",
                   what, strictest->thread == thread_number() ? "this thread" : "another thread",
                   strictest->mode == capture_global ? "global" : "thread-local"));
}

}  // namespace cujitsu::softgpu::api
