// SPDX-License-Identifier: MIT
// The nodes of a graph and the edges between them: asking for them, adding and removing them.
#include "softgpu/api/call.hpp"
#include "softgpu/api/entry_points.hpp"
#include "softgpu/api/graph_nodes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace cujitsu::softgpu::api {
namespace {

/// Every edge here waits for the whole of a node.
void check_edges(const GraphEdge* edges, std::size_t count) {
  static constexpr GraphEdge plain{};
  for (std::size_t i = 0; edges != nullptr && i < count; ++i)
    if (std::memcmp(&edges[i], &plain, sizeof plain) != 0)
      fail(result::not_supported, "edges with ports or of a programmatic type are not supported");
}

void give_edges(GraphEdge* edges, std::size_t count) {
  if (edges != nullptr) std::fill_n(edges, count, GraphEdge{});
}

Result get_edges(GraphHandle handle, NodeHandle* from, NodeHandle* to, GraphEdge* edges, std::size_t* count) {
  return answer("cuGraphGetEdges", [&] {
    check_pointer(count, "the count");
    if ((from == nullptr) != (to == nullptr) || (edges != nullptr && from == nullptr))
      fail(result::invalid_value, "some of the lists are null, and others are not");
    const auto graph = graph_of(handle);
    const std::lock_guard lock(graph->mutex);
    std::vector<NodeHandle> sources, targets;
    for (const auto& node : graph->nodes)
      for (const auto& dependency : node->dependencies) {
        sources.push_back(dependency->handle);
        targets.push_back(node->handle);
      }
    if (from != nullptr) {
      std::size_t room = *count;
      give_list(targets, to, &room);
    }
    give_list(sources, from, count);
    give_edges(edges, *count);
  });
}

Result get_dependencies(NodeHandle handle, NodeHandle* list, GraphEdge* edges, std::size_t* count) {
  return answer("cuGraphNodeGetDependencies", [&] {
    if (edges != nullptr) check_pointer(list, "the list of nodes");
    const auto locked = node_of(handle);
    std::vector<NodeHandle> dependencies;
    for (const auto& node : locked.node->dependencies) dependencies.push_back(node->handle);
    give_list(dependencies, list, count);
    give_edges(edges, *count);
  });
}

Result get_dependents(NodeHandle handle, NodeHandle* list, GraphEdge* edges, std::size_t* count) {
  return answer("cuGraphNodeGetDependentNodes", [&] {
    if (edges != nullptr) check_pointer(list, "the list of nodes");
    const auto locked = node_of(handle);
    std::vector<NodeHandle> dependents;
    for (const auto& node : locked.graph->nodes)
      if (std::find(node->dependencies.begin(), node->dependencies.end(), locked.node) != node->dependencies.end())
        dependents.push_back(node->handle);
    give_list(dependents, list, count);
    give_edges(edges, *count);
  });
}

/// Two lists of nodes, of which each pair is to be an edge, or has been one.
struct Edges {
  Edges(Graph& graph, const NodeHandle* from, const NodeHandle* to, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      check_pointer(from, "the list of nodes");
      check_pointer(to, "the list of nodes");
      const auto source = nodes_of(graph, from + i, 1).front();
      const auto target = nodes_of(graph, to + i, 1).front();
      if (source == target) fail(result::invalid_value, "a node can not depend on itself");
      const std::pair edge{source, target};
      if (std::find(pairs.begin(), pairs.end(), edge) != pairs.end())
        fail(result::invalid_value, fmt::format("the edge of index {} is in the lists twice", i));
      pairs.push_back(edge);
    }
  }
  static bool is_there(const GraphNode& source, const GraphNode& target) {
    return std::any_of(target.dependencies.begin(), target.dependencies.end(),
                       [&](const auto& dependency) { return dependency.get() == &source; });
  }
  std::vector<std::pair<std::shared_ptr<GraphNode>, std::shared_ptr<GraphNode>>> pairs;
};

Result add(GraphHandle handle, const NodeHandle* from, const NodeHandle* to, const GraphEdge* edges,
           std::size_t count) {
  return answer("cuGraphAddDependencies", [&] {
    const auto graph = graph_of(handle);
    check_edges(edges, count);
    const std::lock_guard lock(graph->mutex);
    const Edges added(*graph, from, to, count);
    for (const auto& [source, target] : added.pairs)
      if (Edges::is_there(*source, *target)) fail(result::invalid_value, "the graph has the edge already");
    for (const auto& [source, target] : added.pairs) target->dependencies.push_back(source);
  });
}

Result remove(GraphHandle handle, const NodeHandle* from, const NodeHandle* to, const GraphEdge* edges,
              std::size_t count) {
  return answer("cuGraphRemoveDependencies", [&] {
    const auto graph = graph_of(handle);
    check_edges(edges, count);
    const std::lock_guard lock(graph->mutex);
    const Edges removed(*graph, from, to, count);
    for (const auto& [source, target] : removed.pairs)
      if (!Edges::is_there(*source, *target)) fail(result::invalid_value, "the graph has no such edge");
    for (const auto& [source, target] : removed.pairs) std::erase(target->dependencies, source);
  });
}

}  // namespace

extern "C" {

Result cuGraphGetNodes(GraphHandle handle, NodeHandle* nodes, std::size_t* count) {
  return answer("cuGraphGetNodes", [&] {
    const auto graph = graph_of(handle);
    const std::lock_guard lock(graph->mutex);
    std::vector<NodeHandle> all;
    for (const auto& node : graph->nodes) all.push_back(node->handle);
    give_list(all, nodes, count);
  });
}

Result cuGraphGetRootNodes(GraphHandle handle, NodeHandle* nodes, std::size_t* count) {
  return answer("cuGraphGetRootNodes", [&] {
    const auto graph = graph_of(handle);
    const std::lock_guard lock(graph->mutex);
    std::vector<NodeHandle> roots;
    for (const auto& node : graph->nodes)
      if (node->dependencies.empty()) roots.push_back(node->handle);
    give_list(roots, nodes, count);
  });
}

Result cuGraphGetEdges(GraphHandle graph, NodeHandle* from, NodeHandle* to, std::size_t* count) {
  return get_edges(graph, from, to, nullptr, count);
}
Result cuGraphGetEdges_v2(GraphHandle graph, NodeHandle* from, NodeHandle* to, GraphEdge* edges, std::size_t* count) {
  return get_edges(graph, from, to, edges, count);
}

Result cuGraphNodeGetDependencies(NodeHandle node, NodeHandle* dependencies, std::size_t* count) {
  return get_dependencies(node, dependencies, nullptr, count);
}
Result cuGraphNodeGetDependencies_v2(NodeHandle node, NodeHandle* dependencies, GraphEdge* edges, std::size_t* count) {
  return get_dependencies(node, dependencies, edges, count);
}

Result cuGraphNodeGetDependentNodes(NodeHandle node, NodeHandle* dependents, std::size_t* count) {
  return get_dependents(node, dependents, nullptr, count);
}
Result cuGraphNodeGetDependentNodes_v2(NodeHandle node, NodeHandle* dependents, GraphEdge* edges, std::size_t* count) {
  return get_dependents(node, dependents, edges, count);
}

Result cuGraphAddDependencies(GraphHandle graph, const NodeHandle* from, const NodeHandle* to, std::size_t count) {
  return add(graph, from, to, nullptr, count);
}
Result cuGraphAddDependencies_v2(GraphHandle graph, const NodeHandle* from, const NodeHandle* to,
                                 const GraphEdge* edges, std::size_t count) {
  return add(graph, from, to, edges, count);
}

Result cuGraphRemoveDependencies(GraphHandle graph, const NodeHandle* from, const NodeHandle* to, std::size_t count) {
  return remove(graph, from, to, nullptr, count);
}
Result cuGraphRemoveDependencies_v2(GraphHandle graph, const NodeHandle* from, const NodeHandle* to,
                                    const GraphEdge* edges, std::size_t count) {
  return remove(graph, from, to, edges, count);
}

Result cuGraphNodeGetType(NodeHandle handle, int* type) {
  return answer("cuGraphNodeGetType", [&] {
    check_pointer(type, "the type");
    *type = static_cast<int>(node_of(handle).node->content->type);
  });
}

Result cuGraphNodeFindInClone(NodeHandle* found, NodeHandle original, GraphHandle handle) {
  return answer("cuGraphNodeFindInClone", [&] {
    check_pointer(found, "the node");
    const auto graph = graph_of(handle);
    const std::lock_guard lock(graph->mutex);
    const auto node = std::find_if(graph->nodes.begin(), graph->nodes.end(),
                                   [&](const auto& each) { return original != nullptr && each->original == original; });
    if (node == graph->nodes.end()) fail(result::invalid_value, "the graph has no clone of the node");
    *found = (*node)->handle;
  });
}

Result cuGraphDestroyNode(NodeHandle handle) {
  return answer("cuGraphDestroyNode", [&] {
    const auto locked = node_of(handle);
    for (const auto& other : locked.graph->nodes) std::erase(other->dependencies, locked.node);
    std::erase(locked.graph->nodes, locked.node);
    locked.node->dependencies.clear();
    locked.node->is_removed = true;
    registries().nodes.remove(handle);
  });
}

}  // extern "C"

}  // namespace cujitsu::softgpu::api
