// SPDX-License-Identifier: MIT
#include "softgpu/api/graph.hpp"

#include "softgpu/api/event.hpp"
#include "softgpu/api/objects.hpp"

#include <atomic>
#include <utility>

namespace cujitsu::softgpu::api {

Graph::~Graph() {
  for (const auto& node : nodes) registries().nodes.remove(node->handle);
}

std::shared_ptr<GraphNode> append_node(Stream& stream, NodeType type, Work work, std::shared_ptr<Event> event) {
  auto& capture = *stream.capture;
  if (capture.invalidated)
    fail(result::capture_invalidated,
         "an earlier call has made the stream's capture invalid; end it with cuStreamEndCapture");
  auto node = std::make_shared<GraphNode>();
  node->type = type;
  node->work = std::move(work);
  node->event = std::move(event);
  node->dependencies = stream.frontier;
  node->handle = registries().nodes.add(node);
  const std::lock_guard lock(capture.graph->mutex);
  capture.graph->nodes.push_back(node);
  stream.frontier = {node};
  return node;
}

std::uint64_t thread_number() noexcept {
  static std::atomic<std::uint64_t> next{1};
  thread_local const std::uint64_t number = next.fetch_add(1);
  return number;
}

}  // namespace cujitsu::softgpu::api
