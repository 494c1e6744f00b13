// SPDX-License-Identifier: MIT
// Queues of work: every stream runs its operations in order, on a thread of its own that starts on demand.
#pragma once

#include "softgpu/api/launch_queue.hpp"
#include "softgpu/api/types.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace cujitsu::softgpu::api {

class Context;
struct Capture;
struct GraphNode;

/// The end of one operation, which others wait for.
class Ticket {
 public:
  using Clock = std::chrono::steady_clock;

  /// To be given back when it is complete. Before anyone else knows the ticket.
  void hold(QueuePlace place) noexcept { place_ = std::move(place); }
  void complete();
  [[nodiscard]] bool is_done() const noexcept { return done_.load(std::memory_order_acquire); }
  void wait() const;
  /// When it was completed; only of use once it is done.
  [[nodiscard]] Clock::time_point time() const noexcept { return time_; }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable finished_;
  std::atomic<bool> done_{false};
  Clock::time_point time_{};
  QueuePlace place_;
};

using TicketPointer = std::shared_ptr<Ticket>;
/// What an operation does. It may run more than once when a graph holds it.
using Work = std::function<void(Context& context)>;

struct Operation {
  TicketPointer ticket;
  std::vector<TicketPointer> after;  ///< all of them were issued earlier, so nobody waits in a circle
  Work work;                         ///< may be empty
  bool even_after_fault = false;     ///< for callbacks, which get the fault
};

/// One stream of a context. The context decides the order (Context::submit); this runs it.
class Stream : public std::enable_shared_from_this<Stream> {
 public:
  Stream(std::weak_ptr<Context> context, unsigned flags, int priority);

  /// Hands over an operation and wakes the thread.
  void push(Operation operation);
  /// Waits for `ticket`, working off the queue on the calling thread while nobody else does.
  void help_until(const Ticket& ticket);
  /// Waits for room among the launches, working off the queue on the calling thread when it has no thread of its own.
  void wait_for_room();

  const std::weak_ptr<Context> context;
  const unsigned flags;
  const int priority;
  const std::uint64_t id;
  const std::shared_ptr<LaunchQueue> launches = std::make_shared<LaunchQueue>();
  [[nodiscard]] bool is_blocking() const noexcept { return (flags & 1) == 0; }

  // Guarded by the context's order lock.
  TicketPointer tail;  ///< the last operation that was issued; nullptr: there was none
  std::shared_ptr<Capture> capture;
  std::vector<std::shared_ptr<GraphNode>> frontier;  ///< what the next captured node depends on

 private:
  bool run_one(std::unique_lock<std::mutex>& lock);
  void work_off();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Operation> queue_;
  bool has_worker_ = false;
  bool running_ = false;  ///< somebody executes an operation, so that nobody else may
};

/// Whether the calling thread is inside a function that the user had put into a stream.
[[nodiscard]] bool is_in_host_function() noexcept;
/// Calls the user's function so that is_in_host_function is true meanwhile.
void call_host_function(const std::function<void()>& function);

/// From now on workers start nothing new, and nobody waits for room: the process ends.
void stop_workers() noexcept;

}  // namespace cujitsu::softgpu::api
