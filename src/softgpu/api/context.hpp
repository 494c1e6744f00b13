// SPDX-License-Identifier: MIT
// A context: its streams and the order between them, its limits, and the fault that it has died of.
#pragma once

#include "softgpu/api/graph.hpp"
#include "softgpu/api/stream.hpp"
#include "softgpu/engine/launch.hpp"

#include <map>
#include <string>
#include <string_view>

namespace cujitsu::softgpu::api {

struct Device;
struct Library;
struct Module;

/// The stack, heap and printf limits of cuCtxSetLimit.
struct ContextLimits {
  std::size_t stack = 1024;
  std::size_t heap = std::size_t{8} << 20;
  std::size_t printf_fifo = 8650752;
  std::size_t pending_launches = 2048;
  std::size_t l2_fetch_granularity = 64;
};

class Context : public std::enable_shared_from_this<Context> {
 public:
  /// Only make_context may: the default streams need a pointer to the finished context.
  Context(Device& owner, unsigned context_flags, bool primary);

  Device& device;
  const bool is_primary;
  const std::uint64_t id;
  ContextHandle handle = nullptr;
  std::atomic<unsigned> flags;
  std::atomic<int> cache_config{0};

  // ---- streams and order
  [[nodiscard]] const std::shared_ptr<Stream>& legacy_stream() const noexcept { return legacy_; }
  /// The calling thread's own default stream.
  [[nodiscard]] std::shared_ptr<Stream> per_thread_stream();
  [[nodiscard]] std::shared_ptr<Stream> create_stream(unsigned flags, int priority);
  /// Lets a stream finish what it has, and forgets it.
  void retire(const std::shared_ptr<Stream>& stream);

  /// Puts work into a stream, behind all that must come before it, or into the graph that the stream is captured into.
  /// Without a ticket (nullptr): it was captured. `also_after`: of other contexts, which a capture forgets. Waits while
  /// the stream's launch queue is full.
  TicketPointer submit(Stream& stream, NodeContent content, bool even_after_fault = false,
                       const std::vector<TicketPointer>& also_after = {});
  /// The same for a graph, which takes one place in the launch queue.
  void submit(Stream& stream, const std::shared_ptr<const std::vector<ContentPointer>>& plan);
  /// The same place in the order, but the calling thread does the work, and returns when it is done. Never captured.
  void run_now(Stream& stream, const Work& work);
  /// For a waiting operation: `stream` goes on after `ticket`. Waits as submit does.
  void wait_for(Stream& stream, const TicketPointer& ticket);
  /// Everything that is in the stream; for the legacy one also what is in the streams that it waits for.
  [[nodiscard]] std::vector<TicketPointer> pending(Stream& stream);
  void synchronize(Stream& stream);
  void synchronize();
  /// The same, whatever is being captured: for calls that wait only to take something away.
  void drain();
  /// Fails when something is being captured that a call like this would spoil.
  void check_not_capturing(const Stream* stream, const char* what);
  [[nodiscard]] std::mutex& order() noexcept { return order_; }

  // ---- faults
  /// Does an operation's work unless the context is dead; what it throws kills the context.
  void perform(const Operation& operation) noexcept;
  void die(Result code, std::string message);
  [[nodiscard]] Result fault() const noexcept { return fault_.load(std::memory_order_acquire); }
  [[nodiscard]] std::string fault_message() const;
  /// Fails with the fault, if there is one.
  void check_alive() const;

  // ---- output and limits
  void print(std::string_view text);
  /// Writes what kernels have printed to stdout.
  void flush_output();
  [[nodiscard]] bool has_printed() const noexcept { return has_printed_.load(); }
  [[nodiscard]] ContextLimits limits() const;
  void change_limits(const std::function<void(ContextLimits&)>& change);

  // ---- what lives in it
  /// The library's module here, loaded on first use.
  [[nodiscard]] std::shared_ptr<Module> instance_of(const std::shared_ptr<Library>& library);
  void drop_instance(std::uint64_t library_id);

  /// Ends everything: waits for its work, frees its memory, and makes its handles invalid.
  void destroy();

 private:
  std::vector<TicketPointer> predecessors(Stream& stream);
  QueuePlace enter(Stream& stream, std::unique_lock<std::mutex>& order, bool is_work = true);
  TicketPointer issue(Stream& stream, Work work, const std::vector<TicketPointer>& also_after, QueuePlace place,
                      bool even_after_fault = false);

  friend std::shared_ptr<Context> make_context(Device& device, unsigned flags, bool primary);

  std::mutex order_;
  std::shared_ptr<Stream> legacy_;
  std::vector<std::shared_ptr<Stream>> streams_;         ///< all but the legacy one and the retired ones
  std::vector<std::pair<TicketPointer, bool>> retired_;  ///< tails of streams that are gone, and whether they blocked
  std::map<std::uint64_t, std::shared_ptr<Stream>> per_thread_;

  std::atomic<Result> fault_{0};
  mutable std::mutex mutex_;
  std::string fault_message_;
  std::string output_;
  std::atomic<bool> has_printed_{false};
  ContextLimits limits_;
  std::mutex instances_mutex_;
  std::map<std::uint64_t, std::shared_ptr<Module>> instances_;
};

/// A context that is registered and has its legacy stream.
[[nodiscard]] std::shared_ptr<Context> make_context(Device& device, unsigned flags, bool primary);

template <class T>
[[nodiscard]] bool is_same_owner(const std::weak_ptr<T>& left, const std::weak_ptr<T>& right) noexcept {
  return !left.owner_before(right) && !right.owner_before(left);
}

}  // namespace cujitsu::softgpu::api
