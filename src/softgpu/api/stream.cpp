// SPDX-License-Identifier: MIT
#include "softgpu/api/stream.hpp"

#include "softgpu/api/context.hpp"

#include <system_error>
#include <thread>
#include <utility>

namespace cujitsu::softgpu::api {
namespace {

constexpr auto idle_time = std::chrono::milliseconds(500);  // after which a worker without work ends

std::atomic<bool> stopped{false};
std::atomic<std::uint64_t> next_id{3};  // 1 and 2 are the default streams'
thread_local bool in_host_function = false;

}  // namespace

bool is_in_host_function() noexcept { return in_host_function; }

void call_host_function(const std::function<void()>& function) {
  struct Inside {
    bool outer = std::exchange(in_host_function, true);
    ~Inside() { in_host_function = outer; }
  } const inside;
  function();
}

void stop_workers() noexcept {
  stopped.store(true);
  close_launch_queues();
}

void Ticket::complete() {
  const QueuePlace left = std::move(place_);  // given back at the end, when this may be gone and nothing is locked
  // Notified under the lock: the waiter may be the last owner, and may let go of this as soon as it sees the flag.
  const std::lock_guard lock(mutex_);
  time_ = Clock::now();
  done_.store(true, std::memory_order_release);
  finished_.notify_all();
}

void Ticket::wait() const {
  if (is_done()) return;
  std::unique_lock lock(mutex_);
  finished_.wait(lock, [this] { return is_done(); });
}

Stream::Stream(std::weak_ptr<Context> owner, unsigned stream_flags, int stream_priority)
    : context(std::move(owner)), flags(stream_flags), priority(stream_priority), id(next_id.fetch_add(1)) {}

void Stream::push(Operation operation) {
  const std::lock_guard lock(mutex_);
  queue_.push_back(std::move(operation));
  if (has_worker_) {
    changed_.notify_all();
    return;
  }
  try {
    std::thread([self = shared_from_this()] { self->work_off(); }).detach();
    has_worker_ = true;
  } catch (const std::system_error&) {
    // Without a thread the work is done when somebody synchronises: help_until.
  }
}

/// Executes the oldest operation, if there is one and nobody is at it. The lock is held at the beginning and at the end.
bool Stream::run_one(std::unique_lock<std::mutex>& lock) {
  if (running_ || queue_.empty()) return false;
  Operation operation = std::move(queue_.front());
  queue_.pop_front();
  running_ = true;
  lock.unlock();
  for (const auto& ticket : operation.after) ticket->wait();
  if (const auto owner = context.lock(); owner != nullptr && !stopped.load()) owner->perform(operation);
  operation.work = nullptr;  // gives back what the operation held before anyone learns that it is done
  operation.ticket->complete();
  lock.lock();
  running_ = false;
  changed_.notify_all();
  return true;
}

void Stream::work_off() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (run_one(lock)) continue;
    const bool has_work = changed_.wait_for(lock, idle_time, [this] { return !running_ && !queue_.empty(); });
    if (!has_work && !running_) break;
  }
  has_worker_ = false;
}

void Stream::help_until(const Ticket& ticket) {
  std::unique_lock lock(mutex_);
  while (!ticket.is_done()) {
    if (run_one(lock)) continue;
    if (queue_.empty() || running_) {
      // Whoever is at it goes on with the rest only if it is a worker: look again after each operation.
      if (has_worker_ || queue_.empty()) {
        lock.unlock();
        ticket.wait();
        return;
      }
      changed_.wait(lock, [this] { return !running_; });
    }
  }
}

void Stream::wait_for_room() {
  {
    std::unique_lock lock(mutex_);
    while (!has_worker_ && launches->is_full())
      if (!run_one(lock)) break;
  }
  launches->wait_for_room();
}

}  // namespace cujitsu::softgpu::api
