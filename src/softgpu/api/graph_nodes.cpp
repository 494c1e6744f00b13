// SPDX-License-Identifier: MIT
#include "softgpu/api/graph_nodes.hpp"

#include "softgpu/api/call.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cujitsu::softgpu::api {

LockedNode node_of(NodeHandle handle) {
  auto node = registries().nodes.find(handle);
  auto graph = node != nullptr ? node->graph.lock() : nullptr;
  if (graph == nullptr) fail(result::invalid_value, fmt::format("{} is no node", static_cast<const void*>(handle)));
  std::unique_lock lock(graph->mutex);
  if (node->is_removed) fail(result::invalid_value, "the node was destroyed");
  return {std::move(graph), std::move(lock), std::move(node)};
}

std::shared_ptr<GraphExec> exec_of(GraphExecHandle handle) {
  auto exec = registries().graph_execs.find(handle);
  if (exec == nullptr)
    fail(result::invalid_value, fmt::format("{} is no executable graph", static_cast<const void*>(handle)));
  return exec;
}

std::vector<std::shared_ptr<GraphNode>> nodes_of(Graph& graph, const NodeHandle* handles, std::size_t count) {
  std::vector<std::shared_ptr<GraphNode>> nodes;
  if (count != 0) check_pointer(handles, "the list of nodes");
  for (std::size_t i = 0; i < count; ++i) {
    auto node = registries().nodes.find(handles[i]);
    if (node == nullptr || node->is_removed || node->graph.lock().get() != &graph)
      fail(result::invalid_value, fmt::format("{} is no node of the graph", static_cast<const void*>(handles[i])));
    if (std::find(nodes.begin(), nodes.end(), node) != nodes.end())
      fail(result::invalid_value, fmt::format("{} is in the list twice", static_cast<const void*>(handles[i])));
    nodes.push_back(std::move(node));
  }
  return nodes;
}

void give_list(const std::vector<NodeHandle>& list, NodeHandle* room, std::size_t* count) {
  check_pointer(count, "the count");
  if (room == nullptr) {
    *count = list.size();
    return;
  }
  for (std::size_t i = 0; i < *count; ++i) room[i] = i < list.size() ? list[i] : nullptr;
  *count = std::min(*count, list.size());
}

}  // namespace cujitsu::softgpu::api
