// SPDX-License-Identifier: MIT
// The bound on what waits in a stream: who would add more blocks until something is done.
#pragma once

#include "softgpu/api/types.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace cujitsu::softgpu::api {

/// Items (launches, copies, host functions, whole graphs) of a stream that have been issued and are not done, at most.
/// A GPU's driver has room for about as many.
inline constexpr std::size_t launch_queue_capacity = 1024;

class LaunchQueue;

/// One item's place in a queue, given back when it is destroyed.
class QueuePlace {
 public:
  QueuePlace() = default;
  explicit QueuePlace(std::shared_ptr<LaunchQueue> queue) noexcept : queue_(std::move(queue)) {}
  QueuePlace(QueuePlace&& other) noexcept : queue_(std::move(other.queue_)) {}
  QueuePlace& operator=(QueuePlace&& other) noexcept {
    std::swap(queue_, other.queue_);
    return *this;
  }
  ~QueuePlace();
  [[nodiscard]] explicit operator bool() const noexcept { return queue_ != nullptr; }

 private:
  std::shared_ptr<LaunchQueue> queue_;
};

/// Thread-safe. Nobody may hold a lock while waiting for room that work in any stream, or a user's function, needs.
class LaunchQueue : public std::enable_shared_from_this<LaunchQueue> {
 public:
  /// An empty place: the queue is full.
  [[nodiscard]] QueuePlace try_enter() noexcept;
  [[nodiscard]] bool is_full() const noexcept { return used_.load() >= launch_queue_capacity; }
  /// Until there is room, though another thread may take it first, or the queue is closed, or all are.
  void wait_for_room();
  /// From now on nobody waits, and the next one who comes, or has waited, is to be refused with `why`.
  void close(Result why) noexcept;
  /// success: it is open.
  [[nodiscard]] Result closed() const noexcept { return closed_.load(); }

 private:
  friend class QueuePlace;
  void leave() noexcept;

  std::atomic<std::size_t> used_{0};
  std::atomic<Result> closed_{result::success};
};

/// The process ends: nobody waits for room any more, in any queue.
void close_launch_queues() noexcept;
[[nodiscard]] bool launch_queues_are_closed() noexcept;

/// Waits until `count` threads wait for room, in any queues: for tests.
void wait_until_launchers_wait(std::size_t count);

}  // namespace cujitsu::softgpu::api
