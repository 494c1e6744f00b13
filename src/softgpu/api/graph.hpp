// SPDX-License-Identifier: MIT
// Graphs: work that was recorded from streams or added node by node, to be launched as one operation, again and again.
#pragma once

#include "softgpu/api/stream.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <vector>

namespace cujitsu::softgpu::api {

class Event;
class UserObject;
struct Graph;
struct KernelLaunch;

/// CUgraphNodeType
enum class NodeType : int { kernel = 0, memcpy = 1, memset = 2, host = 3, empty = 5, wait_event = 6, event_record = 7 };

/// What an operation of a stream or a node of a graph does. A node's never changes: another one takes its place.
struct NodeContent {
  NodeType type = NodeType::empty;
  Work work{};                                   ///< nothing, of empty nodes and events
  std::shared_ptr<Event> event{};                ///< of the two event types
  std::shared_ptr<const KernelLaunch> kernel{};  ///< of kernel nodes
  std::vector<std::uint64_t> fixed{};  ///< of copies and memsets: what an update of an instance may not change
};
/// What calls the user's function.
[[nodiscard]] NodeContent host_content(HostFunction function, void* data);
using ContentPointer = std::shared_ptr<const NodeContent>;

/// Guarded by the mutex of its graph, but for the first three.
struct GraphNode {
  std::weak_ptr<Graph> graph;
  NodeHandle handle = nullptr;
  NodeHandle original = nullptr;  ///< of which it is the clone
  ContentPointer content;
  std::vector<std::shared_ptr<GraphNode>> dependencies;  ///< in the order of the edges
  bool is_removed = false;
  // What cuGraphKernelNodeGetParams has given out: valid until the parameters are set.
  std::vector<void*> parameters;
  std::array<void*, 5> extra{};
  std::size_t parameter_bytes = 0;
};

struct Graph : std::enable_shared_from_this<Graph> {
  ~Graph();
  std::weak_ptr<Context> context;
  std::mutex mutex;
  std::vector<std::shared_ptr<GraphNode>> nodes;     ///< in the order in which they came
  std::vector<std::shared_ptr<UserObject>> objects;  ///< once for each reference
  GraphHandle handle = nullptr;
};

/// A node at one moment, its dependencies as indices among the nodes of that moment.
struct NodeSnapshot {
  NodeHandle handle = nullptr;
  ContentPointer content;
  std::vector<std::size_t> dependencies;
};
[[nodiscard]] std::vector<NodeSnapshot> snapshot_of(Graph& graph);
[[nodiscard]] std::vector<std::shared_ptr<UserObject>> objects_of(Graph& graph);

/// Appends a node. Under the graph's mutex.
std::shared_ptr<GraphNode> add_node(Graph& graph, NodeContent content,
                                    std::vector<std::shared_ptr<GraphNode>> dependencies);

/// A recording that is going on. Guarded by its context's order lock.
struct Capture {
  std::uint64_t id = 0;
  int mode = 0;  ///< CUstreamCaptureMode
  std::uint64_t thread = 0;
  std::shared_ptr<Graph> graph;
  std::weak_ptr<Stream> origin;
  std::vector<std::weak_ptr<Stream>> streams;  ///< the origin and all that have joined
  std::atomic<bool> invalidated{false};
  std::atomic<bool> has_ended{false};  ///< also: all its streams are gone
};

/// Appends a node to the capture that the stream is in. Under the order lock.
void append_node(Stream& stream, NodeContent content);

/// The calling thread's number, never used again.
[[nodiscard]] std::uint64_t thread_number() noexcept;

}  // namespace cujitsu::softgpu::api
