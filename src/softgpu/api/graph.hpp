// SPDX-License-Identifier: MIT
// Graphs: work that was recorded from streams, to be launched as one operation, again and again.
#pragma once

#include "softgpu/api/stream.hpp"

#include <atomic>
#include <memory>
#include <vector>

namespace cujitsu::softgpu::api {

class Event;

/// CUgraphNodeType
enum class NodeType : int { kernel = 0, memcpy = 1, memset = 2, host = 3, empty = 5, wait_event = 6, event_record = 7 };

struct GraphNode {
  NodeType type = NodeType::empty;
  Work work;
  std::shared_ptr<Event> event;  ///< of the two event types
  std::vector<std::shared_ptr<GraphNode>> dependencies;
  NodeHandle handle = nullptr;
};

/// Nodes come after all that they depend on.
struct Graph {
  ~Graph();
  std::weak_ptr<Context> context;
  std::mutex mutex;
  std::vector<std::shared_ptr<GraphNode>> nodes;
  GraphHandle handle = nullptr;
};

/// What is launched: a graph as it was when it was instantiated.
struct GraphExec {
  std::vector<std::shared_ptr<GraphNode>> nodes;
  std::uint64_t flags = 0;
  std::weak_ptr<Context> context;
};

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
std::shared_ptr<GraphNode> append_node(Stream& stream, NodeType type, Work work,
                                       std::shared_ptr<Event> event = nullptr);

/// The calling thread's number, never used again.
[[nodiscard]] std::uint64_t thread_number() noexcept;

}  // namespace cujitsu::softgpu::api
