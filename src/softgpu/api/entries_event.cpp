// SPDX-License-Identifier: MIT
// Events.
#include "softgpu/api/call.hpp"
#include "softgpu/api/captures.hpp"
#include "softgpu/api/entry_points.hpp"

#include <fmt/format.h>

namespace cujitsu::softgpu::api {
namespace {

constexpr unsigned record_external = 1;

/// An event whose context is alive.
struct LiveEvent {
  explicit LiveEvent(EventHandle handle) : event(event_of(handle)), context(event->context.lock()) {
    if (context == nullptr) fail(result::invalid_handle, "the event's context was destroyed");
    context->check_alive();
  }
  std::shared_ptr<Event> event;
  std::shared_ptr<Context> context;
};

Event::Mark uncaptured_mark(const LiveEvent& live) {
  auto mark = live.event->mark();
  if (mark.capture != nullptr) {
    const std::lock_guard lock(live.context->order());
    mark.capture->invalidated = true;
    fail(result::captured_event, "the event was last recorded in a stream that is, or was, being captured");
  }
  return mark;
}

Result elapsed(float* milliseconds, EventHandle start, EventHandle end) {
  return answer("cuEventElapsedTime", [&]() -> Result {
    check_pointer(milliseconds, "the time");
    const LiveEvent first(start);
    const LiveEvent second(end);
    if (first.context != second.context) fail(result::invalid_handle, "the events are of different contexts");
    if (!first.event->has_timing() || !second.event->has_timing())
      fail(result::invalid_handle, "an event was created without timing");
    const auto from = uncaptured_mark(first).ticket;
    const auto to = uncaptured_mark(second).ticket;
    if (from == nullptr || to == nullptr) fail(result::invalid_handle, "an event has not been recorded");
    if (!from->is_done() || !to->is_done()) return result::not_ready;
    *milliseconds = std::chrono::duration<float, std::milli>(to->time() - from->time()).count();
    return result::success;
  });
}

}  // namespace

void record_event(EventHandle handle, StreamHandle stream_handle, unsigned flags) {
  if ((flags & ~record_external) != 0) fail(result::invalid_value, fmt::format("{:#x} are no record flags", flags));
  const LiveEvent live(handle);
  const auto [context, stream] = stream_of(stream_handle);
  if (context != live.context) fail(result::invalid_handle, "the event and the stream are of different contexts");
  {
    const std::lock_guard lock(context->order());
    if (stream->capture != nullptr) {
      if ((flags & record_external) != 0) {
        append_node(*stream, {.type = NodeType::event_record, .event = live.event});
      } else {
        if (stream->capture->invalidated) fail(result::capture_invalidated, "the stream's capture is invalid");
        live.event->set_mark({nullptr, {}, stream->capture, stream->frontier});
      }
      return;
    }
  }
  auto ticket = context->submit(*stream, {.type = NodeType::event_record});
  live.event->set_mark({std::move(ticket), stream, nullptr, {}});
}

extern "C" {

Result cuEventCreate(EventHandle* event, unsigned flags) {
  return answer_in_context("cuEventCreate", [&](Context& context) {
    check_pointer(event, "the event");
    if ((flags & ~7u) != 0) fail(result::invalid_value, fmt::format("{:#x} are no event flags", flags));
    if ((flags & 4) != 0) fail(result::not_supported, "events of several processes are not supported");
    *event = registries().events.add(std::make_shared<Event>(context.weak_from_this(), flags));
  });
}

Result cuEventDestroy_v2(EventHandle event) {
  return answer("cuEventDestroy", [&] {
    const LiveEvent live(event);
    registries().events.remove(event);
  });
}

Result cuEventRecord(EventHandle event, StreamHandle stream) {
  return answer("cuEventRecord", [&] { record_event(event, stream, 0); });
}

Result cuEventRecordWithFlags(EventHandle event, StreamHandle stream, unsigned flags) {
  return answer("cuEventRecordWithFlags", [&] { record_event(event, stream, flags); });
}

Result cuEventQuery(EventHandle event) {
  return answer("cuEventQuery", [&]() -> Result {
    const auto ticket = uncaptured_mark(LiveEvent(event)).ticket;
    check_capture_allows("cuEventQuery");
    return ticket == nullptr || ticket->is_done() ? result::success : result::not_ready;
  });
}

Result cuEventSynchronize(EventHandle event) {
  return answer("cuEventSynchronize", [&] {
    const LiveEvent live(event);
    const auto mark = uncaptured_mark(live);
    check_capture_allows("cuEventSynchronize");
    if (mark.ticket == nullptr) return;
    if (const auto stream = mark.stream.lock(); stream != nullptr && !mark.ticket->is_done())
      stream->help_until(*mark.ticket);
    mark.ticket->wait();
    live.context->flush_output();
    live.context->check_alive();
  });
}

Result cuEventElapsedTime(float* milliseconds, EventHandle start, EventHandle end) {
  return elapsed(milliseconds, start, end);
}
Result cuEventElapsedTime_v2(float* milliseconds, EventHandle start, EventHandle end) {
  return elapsed(milliseconds, start, end);
}

}  // extern "C"

}  // namespace cujitsu::softgpu::api
