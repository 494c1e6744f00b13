// SPDX-License-Identifier: MIT
// Work that is recorded from a stream once and launched as one operation, again and again.
#pragma once

#include <cujitsu/export.hpp>
#include <cujitsu/handles.hpp>
#include <cujitsu/stream.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace cujitsu {

class BoundLaunch;
class Graph;
class GraphExec;
struct LaunchConfig;

/// Which calls a capture forbids that might wait for the device (allocation, synchronisation): see docs/graphs.md.
enum class CaptureMode {
  global,         ///< in every thread
  thread_local_,  ///< in the thread that captures
  relaxed,        ///< in none; the capture may end in another thread
};

/// Records what is queued in a stream, and in those that wait for its events, instead of running it. Not copyable.
///
/// Begins with the object and ends with end(); without end() it is abandoned. Unless the mode is relaxed, it must end
/// in the thread that began it. Throws DriverError, which says for an illegal call what to do instead, and LoadError.
class CUJITSU_API StreamCapture {
 public:
  /// `stream` must not be the legacy default stream.
  explicit StreamCapture(const Stream& stream, CaptureMode mode = CaptureMode::global);
  ~StreamCapture();
  StreamCapture(StreamCapture&& other) noexcept;
  StreamCapture& operator=(StreamCapture&& other) noexcept;

  /// The graph of what was queued. Throws DriverError when an earlier call has made the capture invalid, or when it was
  /// ended otherwise; ArgumentError when end() was called before. The capture has ended in each case.
  [[nodiscard]] Graph end();

 private:
  struct State;
  void abandon() noexcept;
  std::unique_ptr<State> state_;
};

/// A kernel's launch in a graph. Copies are cheap and keep the graph. May be used from any thread.
class CUJITSU_API KernelNode {
 public:
  [[nodiscard]] GraphNodeHandle handle() const noexcept;
  /// The place among the graph's kernels, from 0.
  [[nodiscard]] std::size_t index() const noexcept { return index_; }
  /// As in Kernel::name; empty for a kernel that cujitsu has not loaded.
  [[nodiscard]] const std::string& name() const noexcept;

 private:
  friend class Graph;
  friend class GraphExec;
  friend class StreamCapture;
  struct GraphState;
  KernelNode(std::shared_ptr<GraphState> graph, std::size_t index) noexcept;
  std::shared_ptr<GraphState> graph_;
  std::size_t index_;
};

/// A handle to recorded work: copies share it, the last one destroys it. May be used from any thread.
///
/// It keeps the code of its kernels loaded, and the functions of Stream::add_callback. The memory that its nodes name is
/// the caller's, and must live until the last launch has ended. Throws DriverError, LoadError.
class CUJITSU_API Graph {
 public:
  /// Operations of all kinds.
  [[nodiscard]] std::size_t nodes() const noexcept;
  /// The launches of kernels, in the order in which they were captured.
  [[nodiscard]] std::vector<KernelNode> kernel_nodes() const;
  [[nodiscard]] GraphHandle handle() const noexcept;
  /// Makes it ready to launch. The drivers of CUDA 11.4 and newer can.
  [[nodiscard]] GraphExec instantiate() const;

 private:
  friend class StreamCapture;
  explicit Graph(std::shared_ptr<KernelNode::GraphState> state) noexcept;
  std::shared_ptr<KernelNode::GraphState> state_;
};

/// A graph that is ready to launch; copies share it, the last one destroys it (launches that are queued run on). Keeps
/// what its Graph keeps. May be used from any thread; launches and updates are made one after another.
/// Throws LaunchError, DriverError, LoadError besides what is named.
class CUJITSU_API GraphExec {
 public:
  /// Queues the whole graph in `stream` and returns at once, unless the queue is full. Launches of one GraphExec run one
  /// after another, whatever their streams.
  void launch(StreamHandle stream = nullptr) const;
  /// Moves what a launch needs to the device ahead of the first one.
  void upload(StreamHandle stream = nullptr) const;
  /// Later launches run the kernel of `launch` at `node`, with its arguments, grid, block and shared memory; its stream
  /// does not count. Launches that are queued already are not changed, nor is the Graph. What the arguments name must
  /// live as for the graph. Throws ArgumentError when `node` is of another graph.
  void update(const KernelNode& node, const BoundLaunch& launch);
  [[nodiscard]] GraphExecHandle handle() const noexcept;

 private:
  friend class Graph;
  struct State;
  explicit GraphExec(std::shared_ptr<State> state) noexcept;
  void set_parameters(const KernelNode& node, FunctionHandle function, const LaunchConfig& config, void** parameters);
  std::shared_ptr<State> state_;
};

}  // namespace cujitsu
