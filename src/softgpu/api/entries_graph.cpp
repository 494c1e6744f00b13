// SPDX-License-Identifier: MIT
// Stream capture and graphs.
#include "softgpu/api/call.hpp"
#include "softgpu/api/captures.hpp"
#include "softgpu/api/entry_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <set>

namespace cujitsu::softgpu::api {
namespace {

enum CaptureStatus : int { none = 0, active = 1, invalidated = 2 };

/// Takes every stream out of a capture. Under the order lock.
void end_capture(Capture& capture) {
  capture.has_ended = true;
  for (const auto& weak : capture.streams) {
    const auto stream = weak.lock();
    if (stream == nullptr || stream->capture.get() != &capture) continue;
    stream->capture = nullptr;
    stream->frontier.clear();
  }
}

/// Whether every node leads to what the origin would do next.
bool is_joined(const Stream& origin, const Graph& graph) {
  std::set<const GraphNode*> reached;
  for (const auto& node : origin.frontier) reached.insert(node.get());
  // Nodes come after those that they depend on, so one pass from the end finds all.
  for (auto it = graph.nodes.rbegin(); it != graph.nodes.rend(); ++it) {
    if (!reached.contains(it->get())) return false;
    for (const auto& dependency : (*it)->dependencies) reached.insert(dependency.get());
  }
  return true;
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

GraphExecHandle instantiate(GraphHandle handle, std::uint64_t flags) {
  const auto graph = graph_of(handle);
  if ((flags & ~std::uint64_t{0xf}) != 0)
    fail(result::invalid_value, fmt::format("{:#x} are no instantiation flags", flags));
  if ((flags & 4) != 0) fail(result::not_supported, "launching graphs from kernels is not supported");
  auto exec = std::make_shared<GraphExec>();
  exec->flags = flags;
  exec->context = graph->context;
  const std::lock_guard lock(graph->mutex);
  exec->nodes = graph->nodes;
  return registries().graph_execs.add(std::move(exec));
}

std::shared_ptr<GraphExec> exec_of(GraphExecHandle handle) {
  auto exec = registries().graph_execs.find(handle);
  if (exec == nullptr)
    fail(result::invalid_value, fmt::format("{} is no executable graph", static_cast<const void*>(handle)));
  return exec;
}

/// One operation for runs of nodes without events, so that a graph costs the stream little.
void launch_graph(const std::shared_ptr<GraphExec>& exec, Context& context, const std::shared_ptr<Stream>& stream) {
  auto part = std::make_shared<std::vector<std::shared_ptr<GraphNode>>>();
  const auto submit_part = [&] {
    if (part->empty()) return;
    context.submit(*stream, NodeType::empty, [part](Context& owner) {
      for (const auto& node : *part)
        if (node->work && owner.fault() == 0) node->work(owner);
    });
    part = std::make_shared<std::vector<std::shared_ptr<GraphNode>>>();
  };
  for (const auto& node : exec->nodes) {
    if (node->event == nullptr) {
      part->push_back(node);
      continue;
    }
    submit_part();
    if (node->type == NodeType::event_record)
      node->event->set_mark({context.submit(*stream, NodeType::event_record, nullptr), stream, nullptr, {}});
    else
      context.wait_for(*stream, node->event->mark().ticket);
  }
  submit_part();
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
    const std::lock_guard lock(context->order());
    const auto capture = stream->capture;
    if (capture == nullptr) fail(result::illegal_state, "the stream is not being captured");
    if (capture->origin.lock() != stream)
      fail(result::capture_unmatched, "the capture was begun on another stream, and ends there");
    if (capture->mode != capture_relaxed && capture->thread != thread_number()) {
      capture->invalidated = true;
      end_capture(*capture);  // as 580.159.04 does
      fail(result::capture_wrong_thread, "the capture was begun by another thread, and ends there");
    }
    const bool joined = is_joined(*stream, *capture->graph);
    end_capture(*capture);
    if (capture->invalidated) fail(result::capture_invalidated, "an earlier call has made the capture invalid");
    if (!joined) {
      capture->invalidated = true;
      fail(result::capture_unjoined, "work of another stream has not been joined by an event");
    }
    capture->invalidated = true;  // for events that still name it
    if (capture->graph->handle == nullptr) capture->graph->handle = registries().graphs.add(capture->graph);
    *graph = capture->graph->handle;
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

Result cuGraphCreate(GraphHandle* handle, unsigned flags) {
  return answer_in_context("cuGraphCreate", [&](Context& context) {
    check_pointer(handle, "the graph");
    if (flags != 0) fail(result::invalid_value, "the flags are not 0");
    auto graph = std::make_shared<Graph>();
    graph->context = context.weak_from_this();
    graph->handle = registries().graphs.add(graph);
    *handle = graph->handle;
  });
}

Result cuGraphDestroy(GraphHandle handle) {
  return answer("cuGraphDestroy", [&] {
    (void)graph_of(handle);
    registries().graphs.remove(handle);
  });
}

Result cuGraphGetNodes(GraphHandle handle, NodeHandle* nodes, std::size_t* count) {
  return answer("cuGraphGetNodes", [&] {
    check_pointer(count, "the count");
    const auto graph = graph_of(handle);
    const std::lock_guard lock(graph->mutex);
    if (nodes == nullptr) {
      *count = graph->nodes.size();
      return;
    }
    for (std::size_t i = 0; i < *count; ++i) nodes[i] = i < graph->nodes.size() ? graph->nodes[i]->handle : nullptr;
    *count = std::min(*count, graph->nodes.size());
  });
}

Result cuGraphNodeGetType(NodeHandle handle, int* type) {
  return answer("cuGraphNodeGetType", [&] {
    check_pointer(type, "the type");
    const auto node = registries().nodes.find(handle);
    if (node == nullptr) fail(result::invalid_value, fmt::format("{} is no node", static_cast<const void*>(handle)));
    *type = static_cast<int>(node->type);
  });
}

Result cuGraphInstantiateWithFlags(GraphExecHandle* exec, GraphHandle graph, unsigned long long flags) {
  return answer("cuGraphInstantiateWithFlags", [&] {
    check_pointer(exec, "the executable graph");
    *exec = instantiate(graph, flags);
  });
}

Result cuGraphInstantiateWithParams(GraphExecHandle* exec, GraphHandle graph, GraphInstantiateParameters* parameters) {
  return answer("cuGraphInstantiateWithParams", [&] {
    check_pointer(exec, "the executable graph");
    check_pointer(parameters, "the parameters");
    parameters->error_node = nullptr;
    parameters->result = 1;  // until it has worked
    *exec = instantiate(graph, parameters->flags);
    parameters->result = 0;
  });
}

Result cuGraphUpload(GraphExecHandle exec, StreamHandle stream) {
  return answer_in_context("cuGraphUpload", [&](Context&) {
    (void)exec_of(exec);
    (void)stream_of(stream);  // and nothing to move: the nodes run from where they are
  });
}

Result cuGraphLaunch(GraphExecHandle handle, StreamHandle stream_handle) {
  return answer_in_context("cuGraphLaunch", [&](Context&) {
    const auto exec = exec_of(handle);
    const auto [context, stream] = stream_of(stream_handle);
    if (!is_same_owner(exec->context, context->weak_from_this()))
      fail(result::invalid_value, "the graph and the stream are of different contexts");
    {
      const std::lock_guard lock(context->order());
      if (stream->capture != nullptr) fail(result::not_supported, "graphs within graphs are not supported");
    }
    launch_graph(exec, *context, stream);
  });
}

Result cuGraphExecDestroy(GraphExecHandle handle) {
  return answer("cuGraphExecDestroy", [&] {
    (void)exec_of(handle);
    registries().graph_execs.remove(handle);
  });
}

}  // extern "C"

}  // namespace cujitsu::softgpu::api
