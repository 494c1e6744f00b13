// SPDX-License-Identifier: MIT
// Stream capture: cuStream…Capture… and cuThreadExchangeStreamCaptureMode.
#include "softgpu/api/call.hpp"
#include "softgpu/api/captures.hpp"
#include "softgpu/api/entry_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <utility>

namespace cujitsu::softgpu::api {
namespace {

enum CaptureStatus : int { none = 0, active = 1, invalidated = 2 };

/// Takes every stream out of a capture, and gives its graph, which nothing else keeps. Under the order lock.
std::shared_ptr<Graph> end_capture(Capture& capture) {
  capture.has_ended = true;
  for (const auto& weak : capture.streams) {
    const auto stream = weak.lock();
    if (stream == nullptr || stream->capture.get() != &capture) continue;
    stream->capture = nullptr;
    stream->frontier.clear();
  }
  return std::move(capture.graph);
}

/// What a capture has recorded, until the caller gets it; else it is dropped, with the handle that cuStreamGetCaptureInfo
/// has given out. Outside the order lock, as its user objects are the user's code.
struct Recording {
  std::shared_ptr<Graph> graph;
  ~Recording() {
    if (graph != nullptr && graph->handle != nullptr) registries().graphs.remove(graph->handle);
  }
};

/// Whether every node leads to what the origin would do next.
bool is_joined(const Stream& origin, Graph& graph) {
  const std::lock_guard lock(graph.mutex);
  std::set<const GraphNode*> reached;
  auto open = origin.frontier;
  while (!open.empty()) {
    const auto node = std::move(open.back());
    open.pop_back();
    if (!reached.insert(node.get()).second) continue;
    open.insert(open.end(), node->dependencies.begin(), node->dependencies.end());
  }
  return std::all_of(graph.nodes.begin(), graph.nodes.end(),
                     [&](const auto& node) { return reached.contains(node.get()); });
}

struct CaptureInfo {
  CaptureStatus status = none;
  std::uint64_t id = 0;
  std::shared_ptr<Graph> graph;
  std::vector<NodeHandle> dependencies;
};

CaptureInfo capture_info(StreamHandle handle) {
  const auto [context, stream] = stream_of(handle);
  const std::lock_guard lock(context->order());
  CaptureInfo info;
  if (stream->capture == nullptr) return info;
  info.status = stream->capture->invalidated ? invalidated : active;
  info.id = stream->capture->id;
  info.graph = stream->capture->graph;
  for (const auto& node : stream->frontier) info.dependencies.push_back(node->handle);
  return info;
}

Result report_info(const char* function, StreamHandle stream, int* status, std::uint64_t* id, GraphHandle* graph,
                   const NodeHandle** dependencies, const void** edges, std::size_t* count) {
  return answer_in_context(function, [&](Context&) {
    check_pointer(status, "the status");
    const auto info = capture_info(stream);
    *status = info.status;
    // The list lives until the thread asks again.
    thread_local std::vector<NodeHandle> last;
    if (info.status != active) return;
    last = info.dependencies;
    if (id != nullptr) *id = info.id;
    if (graph != nullptr) {
      if (info.graph->handle == nullptr) info.graph->handle = registries().graphs.add(info.graph);
      *graph = info.graph->handle;
    }
    if (dependencies != nullptr) *dependencies = last.data();
    if (edges != nullptr) *edges = nullptr;
    if (count != nullptr) *count = last.size();
  });
}

}  // namespace

extern "C" {

Result cuStreamBeginCapture_v2(StreamHandle handle, int mode) {
  return answer_in_context("cuStreamBeginCapture", [&](Context&) {
    if (mode < capture_global || mode > capture_relaxed)
      fail(result::invalid_value, fmt::format("{} is no capture mode", mode));
    const auto [context, stream] = stream_of(handle);
    if (stream == context->legacy_stream()) fail(result::capture_unsupported, "the legacy stream can not be captured");
    static std::atomic<std::uint64_t> next_id{1};
    auto capture = std::make_shared<Capture>();
    capture->id = next_id.fetch_add(1);
    capture->mode = mode;
    capture->thread = thread_number();
    capture->graph = std::make_shared<Graph>();
    capture->graph->context = context;
    capture->origin = stream;
    capture->streams.push_back(stream);
    const std::lock_guard lock(context->order());
    if (stream->capture != nullptr) {
      stream->capture->invalidated = true;
      fail(result::illegal_state, "the stream is already being captured");
    }
    stream->capture = capture;
    stream->frontier.clear();
    note_capture(capture);
  });
}

Result cuStreamEndCapture(StreamHandle handle, GraphHandle* graph) {
  return answer_in_context("cuStreamEndCapture", [&](Context&) {
    check_pointer(graph, "the graph");
    *graph = nullptr;
    const auto [context, stream] = stream_of(handle);
    Recording recording;
    const std::lock_guard lock(context->order());
    const auto capture = stream->capture;
    if (capture == nullptr) fail(result::illegal_state, "the stream is not being captured");
    if (capture->origin.lock() != stream)
      fail(result::capture_unmatched, "the capture was begun on another stream, and ends there");
    if (capture->mode != capture_relaxed && capture->thread != thread_number()) {
      capture->invalidated = true;
      recording.graph = end_capture(*capture);  // as 580.159.04 does
      fail(result::capture_wrong_thread, "the capture was begun by another thread, and ends there");
    }
    const bool joined = is_joined(*stream, *capture->graph);
    recording.graph = end_capture(*capture);
    if (capture->invalidated) fail(result::capture_invalidated, "an earlier call has made the capture invalid");
    if (!joined) {
      capture->invalidated = true;
      fail(result::capture_unjoined, "work of another stream has not been joined by an event");
    }
    capture->invalidated = true;  // for events that still name it
    if (recording.graph->handle == nullptr) recording.graph->handle = registries().graphs.add(recording.graph);
    *graph = recording.graph->handle;
    recording.graph = nullptr;
  });
}

Result cuStreamIsCapturing(StreamHandle handle, int* status) {
  return answer_in_context("cuStreamIsCapturing", [&](Context&) {
    check_pointer(status, "the status");
    *status = capture_info(handle).status;
  });
}

Result cuStreamGetCaptureInfo(StreamHandle stream, int* status, std::uint64_t* id) {
  return report_info("cuStreamGetCaptureInfo", stream, status, id, nullptr, nullptr, nullptr, nullptr);
}
Result cuStreamGetCaptureInfo_v2(StreamHandle stream, int* status, std::uint64_t* id, GraphHandle* graph,
                                 const NodeHandle** dependencies, std::size_t* count) {
  return report_info("cuStreamGetCaptureInfo", stream, status, id, graph, dependencies, nullptr, count);
}
Result cuStreamGetCaptureInfo_v3(StreamHandle stream, int* status, std::uint64_t* id, GraphHandle* graph,
                                 const NodeHandle** dependencies, const void** edges, std::size_t* count) {
  return report_info("cuStreamGetCaptureInfo", stream, status, id, graph, dependencies, edges, count);
}

Result cuThreadExchangeStreamCaptureMode(int* mode) {
  return answer("cuThreadExchangeStreamCaptureMode", [&] {
    check_pointer(mode, "the mode");
    if (*mode < capture_global || *mode > capture_relaxed)
      fail(result::invalid_value, fmt::format("{} is no capture mode", *mode));
    *mode = exchange_capture_mode(*mode);
  });
}

}  // extern "C"

}  // namespace cujitsu::softgpu::api
