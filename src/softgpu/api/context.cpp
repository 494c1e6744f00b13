// SPDX-License-Identifier: MIT
#include "softgpu/api/context.hpp"

#include "softgpu/api/event.hpp"
#include "softgpu/api/load.hpp"
#include "softgpu/api/objects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <utility>

namespace cujitsu::softgpu::api {
namespace {

std::atomic<std::uint64_t> next_context_id{1};

bool is_pending(const TicketPointer& ticket) { return ticket != nullptr && !ticket->is_done(); }

}  // namespace

Context::Context(Device& owner, unsigned context_flags, bool primary)
    : device(owner), is_primary(primary), id(next_context_id.fetch_add(1)), flags(context_flags) {}

std::shared_ptr<Context> make_context(Device& device, unsigned flags, bool primary) {
  auto context = std::make_shared<Context>(device, flags, primary);
  context->legacy_ = std::make_shared<Stream>(context, 0u, 0);
  context->handle = registries().contexts.add(context);
  return context;
}

// ---- streams and order

std::shared_ptr<Stream> Context::create_stream(unsigned stream_flags, int priority) {
  auto stream = std::make_shared<Stream>(weak_from_this(), stream_flags, priority);
  const std::lock_guard lock(order_);
  streams_.push_back(stream);
  return stream;
}

std::shared_ptr<Stream> Context::per_thread_stream() {
  const auto thread = thread_number();
  const std::lock_guard lock(order_);
  auto& stream = per_thread_[thread];
  if (stream == nullptr) {
    stream = std::make_shared<Stream>(weak_from_this(), 0u, 0);
    streams_.push_back(stream);
  }
  return stream;
}

void Context::retire(const std::shared_ptr<Stream>& stream) {
  stream->launches->close(result::invalid_handle);
  const std::lock_guard lock(order_);
  std::erase_if(retired_, [](const auto& entry) { return entry.first->is_done(); });
  if (is_pending(stream->tail)) retired_.emplace_back(stream->tail, stream->is_blocking());
  std::erase(streams_, stream);
  if (stream->capture == nullptr) return;
  stream->capture->invalidated = true;
  if (stream->capture->origin.lock() == stream) stream->capture->has_ended = true;  // nobody can end it any more
}

std::vector<TicketPointer> Context::predecessors(Stream& stream) {
  std::vector<TicketPointer> after;
  if (is_pending(stream.tail)) after.push_back(stream.tail);
  if (&stream != legacy_.get()) {
    if (stream.is_blocking() && is_pending(legacy_->tail)) after.push_back(legacy_->tail);
    return after;
  }
  for (const auto& other : streams_)
    if (other->is_blocking() && is_pending(other->tail)) after.push_back(other->tail);
  for (const auto& [ticket, blocking] : retired_)
    if (blocking && is_pending(ticket)) after.push_back(ticket);
  return after;
}

/// A place in the stream's launch queue, or none where the stream is being captured. `order` is let go of meanwhile.
QueuePlace Context::enter(Stream& stream, std::unique_lock<std::mutex>& order, bool is_work) {
  while (stream.capture == nullptr) {
    if (is_work && &stream == legacy_.get())
      for (const auto& other : streams_)
        if (other->is_blocking() && other->capture != nullptr) {
          other->capture->invalidated = true;
          fail(result::capture_implicit, "the legacy stream would wait for a stream that is being captured");
        }
    if (const auto why = stream.launches->closed(); why != result::success)
      fail(why, "the stream or its context was destroyed meanwhile");
    if (auto place = stream.launches->try_enter()) return place;
    order.unlock();
    stream.wait_for_room();
    if (launch_queues_are_closed()) fail(result::deinitialized, "the process is ending");
    check_alive();
    order.lock();
  }
  return {};
}

/// Under the order lock.
TicketPointer Context::issue(Stream& stream, Work work, const std::vector<TicketPointer>& also_after, QueuePlace place,
                             bool even_after_fault) {
  Operation operation{std::make_shared<Ticket>(), predecessors(stream), std::move(work), even_after_fault};
  operation.after.insert(operation.after.end(), also_after.begin(), also_after.end());
  auto ticket = operation.ticket;
  if (!operation.work && operation.after.empty()) {
    ticket->complete();
  } else {
    ticket->hold(std::move(place));
    stream.push(std::move(operation));
  }
  stream.tail = ticket;
  return ticket;
}

TicketPointer Context::submit(Stream& stream, NodeContent content, bool even_after_fault,
                              const std::vector<TicketPointer>& also_after) {
  std::unique_lock order(order_);
  auto place = enter(stream, order);
  if (place) return issue(stream, std::move(content.work), also_after, std::move(place), even_after_fault);
  append_node(stream, std::move(content));
  return nullptr;
}

void Context::submit(Stream& stream, const std::shared_ptr<const std::vector<ContentPointer>>& plan) {
  std::unique_lock order(order_);
  auto place = enter(stream, order);
  if (!place) fail(result::not_supported, "graphs within graphs are not supported");
  // One operation for each run of nodes without events, so that a graph costs the stream little. The last one keeps the
  // place, since it is done last.
  const auto take_place = [&](std::size_t end) { return end == plan->size() ? std::move(place) : QueuePlace(); };
  for (std::size_t begin = 0; begin < plan->size();) {
    const auto& first = *(*plan)[begin];
    if (first.event != nullptr) {
      ++begin;
      if (first.type == NodeType::event_record)
        first.event->set_mark({issue(stream, nullptr, {}, take_place(begin)), stream.weak_from_this(), nullptr, {}});
      else if (const auto ticket = first.event->mark().ticket; is_pending(ticket))
        issue(stream, nullptr, {ticket}, take_place(begin));
      continue;
    }
    auto end = begin + 1;
    while (end < plan->size() && (*plan)[end]->event == nullptr) ++end;
    const auto work = [plan, begin, end](Context& owner) {
      for (auto i = begin; i < end; ++i)
        if ((*plan)[i]->work && owner.fault() == 0) (*plan)[i]->work(owner);
    };
    issue(stream, work, {}, take_place(end));
    begin = end;
  }
}

void Context::run_now(Stream& stream, const Work& work) {
  check_not_capturing(&stream, "a synchronous call");
  const auto ticket = std::make_shared<Ticket>();
  struct Completion {
    Ticket& ticket;
    ~Completion() { ticket.complete(); }
  };
  std::vector<TicketPointer> after;
  {
    const std::lock_guard lock(order_);
    after = predecessors(stream);
    stream.tail = ticket;
  }
  {
    const Completion completion{*ticket};
    for (const auto& earlier : after) earlier->wait();
    check_alive();
    perform({.ticket = ticket, .after = {}, .work = work});
  }
  flush_output();
  check_alive();
}

void Context::wait_for(Stream& stream, const TicketPointer& ticket) {
  if (!is_pending(ticket)) return;
  std::unique_lock order(order_);
  auto place = enter(stream, order, false);
  if (!place) fail(result::capture_isolation, "a stream that is being captured would wait for work from outside");
  issue(stream, nullptr, {ticket}, std::move(place));
}

std::vector<TicketPointer> Context::pending(Stream& stream) {
  const std::lock_guard lock(order_);
  if (&stream == legacy_.get()) return predecessors(stream);
  return is_pending(stream.tail) ? std::vector{stream.tail} : std::vector<TicketPointer>{};
}

void Context::synchronize(Stream& stream) {
  check_not_capturing(&stream, "synchronisation");
  TicketPointer tail;
  {
    const std::lock_guard lock(order_);
    tail = stream.tail;
  }
  const auto others = pending(stream);
  if (is_pending(tail)) stream.help_until(*tail);
  for (const auto& ticket : others) ticket->wait();
  flush_output();
  check_alive();
}

void Context::synchronize() {
  check_not_capturing(nullptr, "cuCtxSynchronize");
  drain();
}

void Context::drain() {
  std::vector<std::pair<std::shared_ptr<Stream>, TicketPointer>> tails;
  std::vector<TicketPointer> others;
  {
    const std::lock_guard lock(order_);
    tails.emplace_back(legacy_, legacy_->tail);
    for (const auto& stream : streams_) tails.emplace_back(stream, stream->tail);
    for (const auto& entry : retired_) others.push_back(entry.first);
    std::erase_if(retired_, [](const auto& entry) { return entry.first->is_done(); });
  }
  // One of them is helped along, since only that one can be known to be worth the while; the others have their threads.
  for (const auto& [stream, tail] : tails)
    if (is_pending(tail)) stream->help_until(*tail);
  for (const auto& ticket : others) ticket->wait();
  flush_output();
  check_alive();
}

void Context::check_not_capturing(const Stream* stream, const char* what) {
  const std::lock_guard lock(order_);
  for (const auto& other : streams_) {
    if (other->capture == nullptr) continue;
    const bool same = stream == nullptr || other.get() == stream;
    const bool implicit = stream == legacy_.get() && other->is_blocking();
    if (!same && !implicit) continue;
    other->capture->invalidated = true;
    if (implicit) fail(result::capture_implicit, fmt::format("{} depends on a stream that is being captured", what));
    fail(result::capture_unsupported, fmt::format("{} while a stream is being captured", what));
  }
}

// ---- faults

void Context::perform(const Operation& operation) noexcept {
  if (!operation.work || (fault() != 0 && !operation.even_after_fault)) return;
  try {
    operation.work(*this);
  } catch (const Failure& failure) {
    die(failure.code, failure.message);
  } catch (const std::bad_alloc&) {
    die(result::out_of_memory, "the process is out of memory");
  } catch (const std::exception& error) {
    die(result::unknown, error.what());
  }
}

void Context::die(Result code, std::string message) {
  const std::lock_guard lock(mutex_);
  if (fault_.load() != 0) return;
  fault_message_ = std::move(message);
  fault_.store(code, std::memory_order_release);
}

std::string Context::fault_message() const {
  const std::lock_guard lock(mutex_);
  return fault_message_;
}

void Context::check_alive() const {
  if (const Result code = fault(); code != 0) fail(code, fault_message());
}

// ---- output and limits

void Context::print(std::string_view text) {
  has_printed_.store(true);
  bool full = false;
  {
    const std::lock_guard lock(mutex_);
    output_ += text;
    full = output_.size() >= limits_.printf_fifo;
  }
  if (full) flush_output();
}

void Context::flush_output() {
  if (!has_printed_.load()) return;
  static auto* writing = new std::mutex;  // what two contexts print is not mixed
  const std::lock_guard turn(*writing);
  std::string text;
  {
    const std::lock_guard lock(mutex_);
    text.swap(output_);
  }
  if (text.empty()) return;
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

ContextLimits Context::limits() const {
  const std::lock_guard lock(mutex_);
  return limits_;
}

void Context::change_limits(const std::function<void(ContextLimits&)>& change) {
  const std::lock_guard lock(mutex_);
  change(limits_);
}

// ---- what lives in it

std::shared_ptr<Module> Context::instance_of(const std::shared_ptr<Library>& library) {
  const std::lock_guard lock(instances_mutex_);
  auto& module = instances_[library->id];
  if (module == nullptr) {
    try {
      module = load_module(*this, library->text, true);
    } catch (...) {
      instances_.erase(library->id);
      throw;
    }
  }
  return module;
}

void Context::drop_instance(std::uint64_t library_id) {
  std::shared_ptr<Module> dropped;
  const std::lock_guard lock(instances_mutex_);
  const auto found = instances_.find(library_id);
  if (found == instances_.end()) return;
  dropped = std::move(found->second);
  instances_.erase(found);
  registries().modules.remove(dropped->handle);
}

void Context::destroy() {
  const auto self = shared_from_this();
  {
    const std::lock_guard lock(order_);
    legacy_->launches->close(result::context_is_destroyed);
    for (const auto& stream : streams_) stream->launches->close(result::context_is_destroyed);
    for (const auto& stream : streams_)
      if (stream->capture != nullptr) {
        stream->capture->invalidated = true;
        stream->capture->has_ended = true;
        stream->capture = nullptr;
      }
  }
  if (handle != nullptr && registries().contexts.remove(handle) == nullptr) return;  // another thread does it
  try {
    drain();
  } catch (const Failure&) {
    // The fault that it has died of has been reported by the calls that met it; destroying it is the way out.
  }
  const auto is_mine = [&](const auto& object) { return is_same_owner(object.context, weak_from_this()); };
  auto& all = registries();
  all.streams.remove_if(is_mine);
  all.events.remove_if(is_mine);
  all.modules.remove_if(is_mine);
  all.graphs.remove_if(is_mine);
  all.graph_execs.remove_if(is_mine);
  {
    const std::lock_guard lock(instances_mutex_);
    instances_.clear();
  }
  release_all(*this);
}

}  // namespace cujitsu::softgpu::api
