// SPDX-License-Identifier: MIT
#include "softgpu/api/graph.hpp"

#include "softgpu/api/event.hpp"
#include "softgpu/api/objects.hpp"

#include <atomic>
#include <map>
#include <utility>

namespace cujitsu::softgpu::api {

Graph::~Graph() {
  for (const auto& node : nodes) {
    registries().nodes.remove(node->handle);
    node->dependencies.clear();  // which may go in a circle
  }
}

NodeContent host_content(HostFunction function, void* data) {
  return {.type = NodeType::host, .work = [=](Context&) { call_host_function([&] { function(data); }); }};
}

std::vector<std::shared_ptr<UserObject>> objects_of(Graph& graph) {
  const std::lock_guard lock(graph.mutex);
  return graph.objects;
}

std::vector<NodeSnapshot> snapshot_of(Graph& graph) {
  const std::lock_guard lock(graph.mutex);
  std::map<const GraphNode*, std::size_t> indices;
  for (const auto& node : graph.nodes) indices.emplace(node.get(), indices.size());
  std::vector<NodeSnapshot> snapshot;
  snapshot.reserve(graph.nodes.size());
  for (const auto& node : graph.nodes) {
    auto& taken = snapshot.emplace_back(NodeSnapshot{node->handle, node->content, {}});
    for (const auto& dependency : node->dependencies) taken.dependencies.push_back(indices.at(dependency.get()));
  }
  return snapshot;
}

std::shared_ptr<GraphNode> add_node(Graph& graph, NodeContent content,
                                    std::vector<std::shared_ptr<GraphNode>> dependencies) {
  auto node = std::make_shared<GraphNode>();
  node->graph = graph.weak_from_this();
  node->content = std::make_shared<const NodeContent>(std::move(content));
  node->dependencies = std::move(dependencies);
  graph.nodes.push_back(node);
  try {
    node->handle = registries().nodes.add(node);
  } catch (...) {
    graph.nodes.pop_back();
    throw;
  }
  return node;
}

void append_node(Stream& stream, NodeContent content) {
  auto& capture = *stream.capture;
  if (capture.invalidated)
    fail(result::capture_invalidated,
         "an earlier call has made the stream's capture invalid; end it with cuStreamEndCapture");
  const std::lock_guard lock(capture.graph->mutex);
  auto dependencies = stream.frontier;
  std::erase_if(dependencies, [](const auto& node) { return node->is_removed; });
  stream.frontier = {add_node(*capture.graph, std::move(content), std::move(dependencies))};
}

std::uint64_t thread_number() noexcept {
  static std::atomic<std::uint64_t> next{1};
  thread_local const std::uint64_t number = next.fetch_add(1);
  return number;
}

}  // namespace cujitsu::softgpu::api
