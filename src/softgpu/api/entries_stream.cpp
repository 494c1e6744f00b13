// SPDX-License-Identifier: MIT
// Streams, waiting, and the user's functions in them.
#include "softgpu/api/call.hpp"
#include "softgpu/api/captures.hpp"
#include "softgpu/api/entry_points.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cujitsu::softgpu::api {
namespace {

constexpr int least_priority = 0;
constexpr int greatest_priority = -5;

Result create(const char* function, StreamHandle* handle, unsigned flags, int priority) {
  return answer_in_context(function, [&](Context& context) {
    check_pointer(handle, "the stream");
    if (flags > 1) fail(result::invalid_value, fmt::format("{:#x} are no stream flags", flags));
    const auto stream = context.create_stream(flags, std::clamp(priority, greatest_priority, least_priority));
    *handle = registries().streams.add(stream);
  });
}

/// cuStreamWaitEvent where the stream, the event, or both are being captured. False: neither is.
bool wait_captured(Context& context, Stream& stream, const std::shared_ptr<Event>& event, bool external) {
  const auto mark = event->mark();
  const std::lock_guard lock(context.order());
  if (external && stream.capture != nullptr) {
    append_node(stream, {.type = NodeType::wait_event, .event = event});
    return true;
  }
  if (mark.capture == nullptr) {
    if (stream.capture == nullptr) return false;
    stream.capture->invalidated = true;
    fail(result::capture_isolation, "a stream that is being captured would wait for an event from outside");
  }
  if (mark.capture->invalidated) fail(result::capture_invalidated, "the event's capture is invalid");
  if (stream.capture != nullptr && stream.capture != mark.capture) {
    stream.capture->invalidated = mark.capture->invalidated = true;
    fail(result::capture_merge, "two captures would become one");
  }
  if (stream.capture == nullptr) {
    if (&stream == context.legacy_stream().get())
      fail(result::capture_implicit, "the legacy stream can not be captured");
    if (mark.capture->origin.lock() == nullptr || mark.capture->origin.lock()->capture != mark.capture)
      fail(result::capture_invalidated, "the event's capture has ended");
    stream.capture = mark.capture;
    stream.frontier.clear();
    mark.capture->streams.push_back(stream.weak_from_this());
  }
  for (const auto& node : mark.nodes)
    if (std::find(stream.frontier.begin(), stream.frontier.end(), node) == stream.frontier.end())
      stream.frontier.push_back(node);
  return true;
}

}  // namespace

extern "C" {

Result cuStreamCreate(StreamHandle* stream, unsigned flags) { return create("cuStreamCreate", stream, flags, 0); }

Result cuStreamCreateWithPriority(StreamHandle* stream, unsigned flags, int priority) {
  return create("cuStreamCreateWithPriority", stream, flags, priority);
}

Result cuStreamDestroy_v2(StreamHandle handle) {
  return answer("cuStreamDestroy", [&] {
    if (reinterpret_cast<std::uintptr_t>(handle) <= 2)
      fail(result::invalid_handle, "a default stream is not destroyed");
    const auto [context, stream] = stream_of(handle);
    if (registries().streams.remove(handle) != nullptr) context->retire(stream);
  });
}

Result cuStreamSynchronize(StreamHandle handle) {
  return answer("cuStreamSynchronize", [&] {
    const auto [context, stream] = stream_of(handle);
    context->check_not_capturing(stream.get(), "cuStreamSynchronize");
    check_capture_allows("cuStreamSynchronize");
    context->synchronize(*stream);
  });
}

Result cuStreamQuery(StreamHandle handle) {
  return answer("cuStreamQuery", [&]() -> Result {
    const auto [context, stream] = stream_of(handle);
    context->check_not_capturing(stream.get(), "cuStreamQuery");
    check_capture_allows("cuStreamQuery");
    if (!context->pending(*stream).empty()) return result::not_ready;
    context->check_alive();
    return result::success;
  });
}

Result cuStreamGetPriority(StreamHandle handle, int* priority) {
  return answer("cuStreamGetPriority", [&] {
    check_pointer(priority, "the priority");
    *priority = stream_of(handle).stream->priority;
  });
}

Result cuStreamGetFlags(StreamHandle handle, unsigned* flags) {
  return answer("cuStreamGetFlags", [&] {
    check_pointer(flags, "the flags");
    *flags = stream_of(handle).stream->flags;
  });
}

Result cuStreamGetId(StreamHandle handle, unsigned long long* id) {
  return answer("cuStreamGetId", [&] {
    check_pointer(id, "the id");
    *id = stream_of(handle).stream->id;
  });
}

Result cuStreamGetCtx(StreamHandle handle, ContextHandle* context) {
  return answer("cuStreamGetCtx", [&] {
    check_pointer(context, "the context");
    *context = stream_of(handle).context->handle;
  });
}

Result cuStreamGetDevice(StreamHandle handle, DeviceHandle* device) {
  return answer("cuStreamGetDevice", [&] {
    check_pointer(device, "the device");
    *device = stream_of(handle).context->device.ordinal;
  });
}

Result cuStreamWaitEvent(StreamHandle handle, EventHandle event_handle, unsigned flags) {
  return answer("cuStreamWaitEvent", [&] {
    if (flags > 1) fail(result::invalid_value, fmt::format("{:#x} are no wait flags", flags));
    const auto [context, stream] = stream_of(handle);
    const auto event = event_of(event_handle);
    if (wait_captured(*context, *stream, event, flags == 1)) return;
    context->wait_for(*stream, event->mark().ticket);
  });
}

Result cuStreamAddCallback(StreamHandle handle, StreamCallback callback, void* data, unsigned flags) {
  return answer("cuStreamAddCallback", [&] {
    if (callback == nullptr) fail(result::invalid_value, "the callback is null");
    if (flags != 0) fail(result::invalid_value, "the flags are not 0");
    const auto [context, stream] = stream_of(handle);
    context->check_not_capturing(stream.get(), "cuStreamAddCallback");
    context->submit(
        *stream,
        {.type = NodeType::host,
         .work = [=](Context& owner) { call_host_function([&] { callback(handle, owner.fault(), data); }); }},
        true);
  });
}

Result cuStreamAttachMemAsync(StreamHandle handle, DevicePointer address, std::size_t, unsigned flags) {
  return answer("cuStreamAttachMemAsync", [&] {
    const auto [context, stream] = stream_of(handle);
    if (flags != 1 && flags != 2 && flags != 4)
      fail(result::invalid_value, fmt::format("{:#x} are no attach flags", flags));
    const auto record = context->device.book.around(address);
    if (!record || !record->is_managed)
      fail(result::invalid_value, fmt::format("{:#x} is not managed memory", address));
    // Nothing to do: managed memory is the same memory for everybody, at any time.
  });
}

Result cuLaunchHostFunc(StreamHandle handle, HostFunction function, void* data) {
  return answer("cuLaunchHostFunc", [&] {
    if (function == nullptr) fail(result::invalid_value, "the function is null");
    const auto [context, stream] = stream_of(handle);
    context->submit(*stream, host_content(function, data));
  });
}

}  // extern "C"

}  // namespace cujitsu::softgpu::api
