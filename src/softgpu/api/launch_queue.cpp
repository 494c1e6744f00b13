// SPDX-License-Identifier: MIT
#include "softgpu/api/launch_queue.hpp"

#include <condition_variable>
#include <mutex>

namespace cujitsu::softgpu::api {
namespace {

/// Who waits, for all queues at once: a full queue is rare, and what is done meanwhile costs one look at `count`.
struct Waiting {
  std::mutex mutex;
  std::condition_variable changed;
  std::atomic<std::size_t> count{0};
  std::atomic<bool> is_over{false};
};

/// Never destroyed: threads may wait while the process ends.
Waiting& waiting() {
  static auto* instance = new Waiting;
  return *instance;
}

/// Called after a change that somebody may wait for. The one who waits counts itself before it looks, the one who changes
/// looks at the count after it has changed: one of them sees the other.
void notify() noexcept {
  auto& all = waiting();
  if (all.count.load() == 0) return;
  const std::lock_guard lock(all.mutex);
  all.changed.notify_all();
}

}  // namespace

QueuePlace::~QueuePlace() {
  if (queue_ != nullptr) queue_->leave();
}

QueuePlace LaunchQueue::try_enter() noexcept {
  auto used = used_.load();
  while (used < launch_queue_capacity)
    if (used_.compare_exchange_weak(used, used + 1)) return QueuePlace(shared_from_this());
  return {};
}

void LaunchQueue::leave() noexcept {
  if (used_.fetch_sub(1) == launch_queue_capacity) notify();
}

void LaunchQueue::wait_for_room() {
  auto& all = waiting();
  std::unique_lock lock(all.mutex);
  all.count.fetch_add(1);
  all.changed.notify_all();  // for wait_until_launchers_wait
  all.changed.wait(lock, [&] { return !is_full() || closed() != result::success || all.is_over.load(); });
  all.count.fetch_sub(1);
}

void LaunchQueue::close(Result why) noexcept {
  closed_.store(why);
  notify();
}

void close_launch_queues() noexcept {
  waiting().is_over.store(true);
  notify();
}

bool launch_queues_are_closed() noexcept { return waiting().is_over.load(); }

void wait_until_launchers_wait(std::size_t count) {
  auto& all = waiting();
  std::unique_lock lock(all.mutex);
  all.changed.wait(lock, [&] { return all.count.load() >= count; });
}

}  // namespace cujitsu::softgpu::api
