// SPDX-License-Identifier: MIT
// What the entry points of graphs share: from handles to nodes, and lists of nodes as answers.
#pragma once

#include "softgpu/api/graph_exec.hpp"
#include "softgpu/api/objects.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace cujitsu::softgpu::api {

/// A node and its graph, which is locked.
struct LockedNode {
  std::shared_ptr<Graph> graph;
  std::unique_lock<std::mutex> lock;
  std::shared_ptr<GraphNode> node;
};
/// Fails when the handle is no node, or its graph is gone.
[[nodiscard]] LockedNode node_of(NodeHandle handle);
[[nodiscard]] std::shared_ptr<GraphExec> exec_of(GraphExecHandle handle);

/// The nodes of a caller's list; fails unless they are all of the graph, which is locked, and each is there once.
[[nodiscard]] std::vector<std::shared_ptr<GraphNode>> nodes_of(Graph& graph, const NodeHandle* handles,
                                                               std::size_t count);
/// As the driver gives lists: without room for one only the count, else what fits, and nullptr for what is missing.
void give_list(const std::vector<NodeHandle>& list, NodeHandle* room, std::size_t* count);

}  // namespace cujitsu::softgpu::api
