// SPDX-License-Identifier: MIT
#include "softgpu/api/graph_exec.hpp"

#include "softgpu/api/launch.hpp"
#include "softgpu/api/objects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <queue>
#include <utility>

namespace cujitsu::softgpu::api {
namespace {

enum UpdateResult : int {
  topology_changed = 2,
  node_type_changed = 3,
  parameters_changed = 5,
  unsupported_function_change = 7,
  attributes_changed = 8
};

constexpr std::uint64_t use_node_priority = 8;  // CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY

/// Nodes after their dependencies, else in the order in which they came. Short of some: those go in a circle.
std::vector<std::size_t> sorted(const std::vector<NodeSnapshot>& nodes) {
  std::vector<std::size_t> missing(nodes.size());
  std::vector<std::vector<std::size_t>> dependents(nodes.size());
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    missing[i] = nodes[i].dependencies.size();
    for (const auto dependency : nodes[i].dependencies) dependents[dependency].push_back(i);
    if (missing[i] == 0) ready.push(i);
  }
  std::vector<std::size_t> order;
  order.reserve(nodes.size());
  while (!ready.empty()) {
    const auto node = ready.top();
    ready.pop();
    order.push_back(node);
    for (const auto dependent : dependents[node])
      if (--missing[dependent] == 0) ready.push(dependent);
  }
  return order;
}

/// The nodes that no other depends on.
std::vector<std::size_t> exits_of(const std::vector<NodeSnapshot>& nodes) {
  std::vector<bool> has_dependents(nodes.size());
  for (const auto& node : nodes)
    for (const auto dependency : node.dependencies) has_dependents[dependency] = true;
  std::vector<std::size_t> exits;
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (!has_dependents[i]) exits.push_back(i);
  return exits;
}

/// Which node of `theirs` stands for which of `ours`, found from the exits backwards along the edges, in their order.
class Pairing {
 public:
  Pairing(const std::vector<NodeSnapshot>& ours, const std::vector<NodeSnapshot>& theirs)
      : ours_(ours), theirs_(theirs), their_(ours.size(), none), our_(theirs.size(), none) {}

  std::optional<Mismatch> find() {
    if (ours_.size() != theirs_.size())
      return topology(nullptr, nullptr,
                      fmt::format("the graph has {} nodes, the instance {}", theirs_.size(), ours_.size()));
    const auto our_exits = exits_of(ours_);
    const auto their_exits = exits_of(theirs_);
    if (their_exits.size() > our_exits.size())
      return topology(theirs_[their_exits[our_exits.size()]].handle, nullptr, "the graph has more exits");
    if (their_exits.size() < our_exits.size()) return topology(nullptr, nullptr, "the graph has fewer exits");
    for (std::size_t i = 0; i < our_exits.size(); ++i) pair(our_exits[i], their_exits[i]);
    while (!open_.empty()) {
      const auto node = open_.back();
      open_.pop_back();
      if (auto mismatch = follow(ours_[node], theirs_[their_[node]])) return mismatch;
    }
    // Nodes that no exit leads to go in a circle: an instance has none, so neither has what was paired with all of it.
    return std::nullopt;
  }

  [[nodiscard]] std::size_t their(std::size_t ours) const { return their_[ours]; }

 private:
  static constexpr std::size_t none = ~std::size_t{0};

  static Mismatch topology(NodeHandle node, NodeHandle from, std::string why) {
    return {topology_changed, node, from, std::move(why)};
  }

  void pair(std::size_t ours, std::size_t theirs) {
    their_[ours] = theirs;
    our_[theirs] = ours;
    open_.push_back(ours);
  }

  std::optional<Mismatch> follow(const NodeSnapshot& ours, const NodeSnapshot& theirs) {
    if (ours.dependencies.size() != theirs.dependencies.size())
      return topology(
          theirs.handle, nullptr,
          fmt::format("a node has {} dependencies, not {}", theirs.dependencies.size(), ours.dependencies.size()));
    for (std::size_t i = 0; i < ours.dependencies.size(); ++i) {
      const auto our = ours.dependencies[i];
      const auto their = theirs.dependencies[i];
      if (their_[our] == none && our_[their] == none)
        pair(our, their);
      else if (their_[our] != their)
        return topology(theirs.handle, theirs_[their].handle, "an edge leads elsewhere");
    }
    return std::nullopt;
  }

  const std::vector<NodeSnapshot>& ours_;
  const std::vector<NodeSnapshot>& theirs_;
  std::vector<std::size_t> their_;  ///< of each of ours
  std::vector<std::size_t> our_;    ///< of each of theirs
  std::vector<std::size_t> open_;   ///< ours, paired, whose edges have not been followed
};

/// Whether a node that does `ours` may do `theirs` instead.
std::optional<Mismatch> compare(const NodeContent& ours, const NodeContent& theirs, std::uint64_t flags) {
  const auto refuse = [](int why, std::string text) { return Mismatch{why, nullptr, nullptr, std::move(text)}; };
  if (ours.type != theirs.type) return refuse(node_type_changed, "a node is of another type");
  if (ours.fixed != theirs.fixed)
    return refuse(parameters_changed, "a copy or memset has other kinds of memory or another 2D size");
  if (ours.kernel == nullptr) return std::nullopt;
  const auto& mine = *ours.kernel;
  const auto& other = *theirs.kernel;
  if (!is_same_owner(mine.owner, other.owner))
    return refuse(unsupported_function_change, fmt::format("kernel '{}' is of another context", other.request.kernel));
  if (mine.shape.cooperative != other.shape.cooperative)
    return refuse(attributes_changed,
                  fmt::format("kernel '{}' became, or ceased to be, cooperative", other.request.kernel));
  if ((flags & use_node_priority) != 0 && priority_of(mine.shape) != priority_of(other.shape))
    return refuse(attributes_changed, fmt::format("kernel '{}' has another priority", other.request.kernel));
  return std::nullopt;
}

}  // namespace

GraphExec::GraphExec(Graph& graph, std::uint64_t instantiation_flags, NodeHandle& node_in_circle)
    : flags(instantiation_flags),
      context(graph.context),
      nodes_(snapshot_of(graph)),
      order_(sorted(nodes_)),
      objects_(objects_of(graph)) {
  if (order_.size() == nodes_.size()) return;
  std::vector<bool> is_sorted(nodes_.size());
  for (const auto index : order_) is_sorted[index] = true;
  // From a node that is left over a dependency leads to another one that is: as many steps as nodes end in the circle.
  auto index = static_cast<std::size_t>(std::find(is_sorted.begin(), is_sorted.end(), false) - is_sorted.begin());
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    index = *std::find_if(nodes_[index].dependencies.begin(), nodes_[index].dependencies.end(),
                          [&](std::size_t dependency) { return !is_sorted[dependency]; });
  node_in_circle = nodes_[index].handle;
  fail(result::invalid_value, "the graph's dependencies go in a circle");
}

std::shared_ptr<const GraphExec::Plan> GraphExec::plan() {
  const std::lock_guard lock(mutex_);
  if (plan_ == nullptr) {
    struct Kept {
      Plan plan;
      std::vector<std::shared_ptr<UserObject>> objects;
    };
    auto kept = std::make_shared<Kept>(Kept{{}, objects_});
    kept->plan.reserve(order_.size());
    for (const auto index : order_) kept->plan.push_back(nodes_[index].content);
    plan_ = std::shared_ptr<const Plan>(kept, &kept->plan);
  }
  return plan_;
}

std::size_t GraphExec::index_of(NodeHandle node) const {
  const auto found = std::find_if(nodes_.begin(), nodes_.end(), [&](const auto& each) { return each.handle == node; });
  if (found == nodes_.end())
    fail(result::invalid_value,
         fmt::format("{} is no node of the graph that was instantiated", static_cast<const void*>(node)));
  return static_cast<std::size_t>(found - nodes_.begin());
}

ContentPointer GraphExec::content_of(NodeHandle node) {
  const std::lock_guard lock(mutex_);
  return nodes_[index_of(node)].content;
}

void GraphExec::replace(NodeHandle node, NodeContent content) {
  auto replacement = std::make_shared<const NodeContent>(std::move(content));
  const std::lock_guard lock(mutex_);
  nodes_[index_of(node)].content = std::move(replacement);
  plan_ = nullptr;
}

std::optional<Mismatch> GraphExec::update(Graph& graph) {
  const auto theirs = snapshot_of(graph);
  const std::lock_guard lock(mutex_);
  Pairing pairing(nodes_, theirs);
  if (auto mismatch = pairing.find()) return mismatch;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const auto& their = theirs[pairing.their(i)];
    if (auto mismatch = compare(*nodes_[i].content, *their.content, flags)) {
      mismatch->node = their.handle;
      return mismatch;
    }
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) nodes_[i].content = theirs[pairing.their(i)].content;
  plan_ = nullptr;
  return std::nullopt;
}

}  // namespace cujitsu::softgpu::api
