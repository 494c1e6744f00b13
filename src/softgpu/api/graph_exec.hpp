// SPDX-License-Identifier: MIT
// Executable graphs: a graph as it was when it was instantiated, and what has been changed in it since.
#pragma once

#include "softgpu/api/graph.hpp"

#include <optional>
#include <string>

namespace cujitsu::softgpu::api {

/// Why an executable graph can not become like a graph: CUgraphExecUpdateResultInfo.
struct Mismatch {
  int result = 0;  ///< CUgraphExecUpdateResult
  NodeHandle node = nullptr;
  NodeHandle from = nullptr;
  std::string why;
};

/// Thread-safe. A launch takes the plan of its moment, so that changes reach later ones only.
class GraphExec {
 public:
  using Plan = std::vector<ContentPointer>;  ///< in an order that keeps all dependencies

  /// Fails where the dependencies go in a circle, after it has named a node of it.
  GraphExec(Graph& graph, std::uint64_t instantiation_flags, NodeHandle& node_in_circle);

  const std::uint64_t flags;
  const std::weak_ptr<Context> context;

  /// It keeps the user objects as well, so that they outlive the launches that are queued.
  [[nodiscard]] std::shared_ptr<const Plan> plan();
  /// What a node of the graph that was instantiated does here; fails when it is none.
  [[nodiscard]] ContentPointer content_of(NodeHandle node);
  void replace(NodeHandle node, NodeContent content);
  /// All of it, or nothing when something does not fit.
  [[nodiscard]] std::optional<Mismatch> update(Graph& graph);

 private:
  std::size_t index_of(NodeHandle node) const;

  std::mutex mutex_;
  std::vector<NodeSnapshot> nodes_;
  std::vector<std::size_t> order_;
  const std::vector<std::shared_ptr<UserObject>> objects_;
  std::shared_ptr<const Plan> plan_;  ///< nullptr after a change
};

}  // namespace cujitsu::softgpu::api
