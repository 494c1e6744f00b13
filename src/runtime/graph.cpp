// SPDX-License-Identifier: MIT
#include <cujitsu/graph.hpp>

#include "driver/capture_mode.hpp"
#include "driver/check.hpp"
#include "driver/context.hpp"
#include "driver/launch_history.hpp"
#include "runtime/capture_info.hpp"
#include "runtime/graph_code.hpp"

#include <cujitsu/errors.hpp>
#include <cujitsu/launch_config.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <utility>

namespace cujitsu {
namespace {

using driver::api;
using driver::check;

void report_end_of_abandoned(driver::Result result) noexcept {
  // Invalid by an error that has been thrown, or ended by somebody else: nothing that the abandoning could add.
  if (result != driver::result::illegal_state &&
      (result < driver::result::capture_unsupported || result > driver::result::capture_wrong_thread))
    driver::report_failure(result, "cuStreamEndCapture");
}

}  // namespace

CaptureInfo capture_info(StreamHandle stream) {
  int status = driver::capture_status::none;
  CaptureInfo info;
  check(api().cuStreamGetCaptureInfo(stream, &status, &info.id, &info.graph, nullptr, nullptr),
        "cuStreamGetCaptureInfo");
  info.is_active = status == driver::capture_status::active;
  return info;
}

bool is_outside_of_capture(StreamHandle other, StreamHandle stream) {
  driver::ensure_context();
  const auto capture = capture_info(stream);
  if (!capture.is_active) return false;
  int status = driver::capture_status::none;
  std::uint64_t id = 0;
  // It fails for the legacy default stream while a blocking one is captured: that is outside as well.
  const auto result = api().cuStreamGetCaptureInfo(other, &status, &id, nullptr, nullptr, nullptr);
  return result != driver::result::success || status == driver::capture_status::none || id != capture.id;
}

struct KernelNode::GraphState {
  struct Entry {
    GraphNodeHandle handle = nullptr;
    const std::string* name = nullptr;  // lives until the process ends
  };

  GraphHandle handle = nullptr;
  ContextHandle context = nullptr;
  std::shared_ptr<graph_code::Uses> uses;
  std::size_t nodes = 0;
  std::vector<Entry> kernels;
  std::mutex mutex;  // the driver allows one thread at a time

  GraphState(GraphHandle handle_, ContextHandle context_, std::shared_ptr<graph_code::Uses> uses_)
      : handle(handle_), context(context_), uses(std::move(uses_)) {}
  GraphState(const GraphState&) = delete;
  GraphState& operator=(const GraphState&) = delete;
  ~GraphState() {
    const driver::ContextScope scope(context);
    if (scope.api() == nullptr) return;
    const driver::AllowedDuringCapture allowed(*scope.api());
    driver::report_failure(scope.api()->cuGraphDestroy(handle), "cuGraphDestroy");
  }

  void read_nodes() {
    check(api().cuGraphGetNodes(handle, nullptr, &nodes), "cuGraphGetNodes");
    std::vector<GraphNodeHandle> handles(nodes);
    if (nodes > 0) check(api().cuGraphGetNodes(handle, handles.data(), &nodes), "cuGraphGetNodes");
    std::set<FunctionHandle> functions;
    bool all_known = true;
    for (const auto node : handles) {
      int type = 0;
      check(api().cuGraphNodeGetType(node, &type), "cuGraphNodeGetType");
      if (type == driver::node_type::graph || type == driver::node_type::conditional) all_known = false;
      if (type != driver::node_type::kernel) continue;
      const auto function = function_of(node);
      const auto* name = function == nullptr ? nullptr : graph_code::name_of(function);
      kernels.push_back({node, name});
      functions.insert(function);
      // Not ours, or ours by a handle of a context in which it was never asked for.
      if (name == nullptr) all_known = false;
    }
    if (all_known) uses->set_functions(std::move(functions));
  }

 private:
  /// nullptr where the driver does not say.
  static FunctionHandle function_of(GraphNodeHandle node) {
    driver::KernelNodeParameters parameters{};
    if (api().cuGraphKernelNodeGetParams == nullptr ||
        api().cuGraphKernelNodeGetParams(node, &parameters) != driver::result::success)
      return nullptr;
    return parameters.function;
  }
};

struct StreamCapture::State {
  Stream stream;
  ContextHandle context;
  std::shared_ptr<graph_code::Uses> uses;
};

StreamCapture::StreamCapture(const Stream& stream, CaptureMode mode) {
  auto state = std::make_unique<State>(State{stream, driver::ensure_context(), graph_code::Uses::make()});
  check(api().cuStreamBeginCapture(stream.handle(), static_cast<int>(mode)), "cuStreamBeginCapture");
  state_ = std::move(state);
}

StreamCapture::StreamCapture(StreamCapture&& other) noexcept = default;

StreamCapture& StreamCapture::operator=(StreamCapture&& other) noexcept {
  if (this != &other) {
    abandon();
    state_ = std::move(other.state_);
  }
  return *this;
}

StreamCapture::~StreamCapture() { abandon(); }

void StreamCapture::abandon() noexcept {
  const auto state = std::exchange(state_, nullptr);
  if (state == nullptr) return;
  const driver::ContextScope scope(state->context);
  if (scope.api() == nullptr) return;
  GraphHandle graph = nullptr;
  report_end_of_abandoned(scope.api()->cuStreamEndCapture(state->stream.handle(), &graph));
  if (graph != nullptr) driver::report_failure(scope.api()->cuGraphDestroy(graph), "cuGraphDestroy");
}

Graph StreamCapture::end() {
  const auto state = std::exchange(state_, nullptr);
  if (state == nullptr) throw ArgumentError("the capture has ended already");
  driver::ensure_context();
  GraphHandle handle = nullptr;
  check(api().cuStreamEndCapture(state->stream.handle(), &handle), "cuStreamEndCapture");
  const auto graph = std::make_shared<KernelNode::GraphState>(handle, state->context, state->uses);
  graph->read_nodes();
  return Graph(graph);
}

KernelNode::KernelNode(std::shared_ptr<GraphState> graph, std::size_t index) noexcept
    : graph_(std::move(graph)), index_(index) {}

GraphNodeHandle KernelNode::handle() const noexcept { return graph_->kernels[index_].handle; }

const std::string& KernelNode::name() const noexcept {
  static const auto* const unknown = new std::string;
  const auto* name = graph_->kernels[index_].name;
  return name == nullptr ? *unknown : *name;
}

Graph::Graph(std::shared_ptr<KernelNode::GraphState> state) noexcept : state_(std::move(state)) {}

std::size_t Graph::nodes() const noexcept { return state_->nodes; }

std::vector<KernelNode> Graph::kernel_nodes() const {
  std::vector<KernelNode> nodes;
  for (std::size_t i = 0; i < state_->kernels.size(); ++i) nodes.push_back(KernelNode(state_, i));
  return nodes;
}

GraphHandle Graph::handle() const noexcept { return state_->handle; }

struct GraphExec::State {
  GraphExecHandle handle = nullptr;
  std::shared_ptr<KernelNode::GraphState> graph;  // nodes are named by the handles of the graph that it was made of
  std::vector<const std::string*> names;          // of its kernels, each once, for launch_history
  std::mutex mutex;                               // the driver allows one thread at a time

  explicit State(std::shared_ptr<KernelNode::GraphState> graph_) : graph(std::move(graph_)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (handle == nullptr) return;
    const driver::ContextScope scope(graph->context);
    if (scope.api() == nullptr) return;
    const driver::AllowedDuringCapture allowed(*scope.api());
    driver::report_failure(scope.api()->cuGraphExecDestroy(handle), "cuGraphExecDestroy");
  }

  void add_name(const std::string* name) {
    if (name != nullptr && std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
};

GraphExec Graph::instantiate() const {
  driver::ensure_context();
  if (api().cuGraphInstantiateWithFlags == nullptr)
    throw DriverError("this driver has no cuGraphInstantiateWithFlags: graphs need a driver of CUDA 11.4 or newer",
                      {.code = driver::result::not_supported,
                       .name = "CUDA_ERROR_NOT_SUPPORTED",
                       .call = "cuGraphInstantiateWithFlags",
                       .object = {}});
  auto state = std::make_shared<GraphExec::State>(state_);
  for (const auto& kernel : state_->kernels) state->add_name(kernel.name);
  const std::lock_guard lock(state_->mutex);
  const driver::AllowedDuringCapture allowed(api());
  check(api().cuGraphInstantiateWithFlags(&state->handle, state_->handle, 0), "cuGraphInstantiateWithFlags",
        [&] { return fmt::format("a graph of {} nodes", state_->nodes); });
  return GraphExec(std::move(state));
}

GraphExec::GraphExec(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}

GraphExecHandle GraphExec::handle() const noexcept { return state_->handle; }

void GraphExec::launch(StreamHandle stream) const {
  const auto context = driver::ensure_context();
  const std::lock_guard lock(state_->mutex);
  check(api().cuGraphLaunch(state_->handle, stream), "cuGraphLaunch",
        [&] { return fmt::format("a graph of {} nodes", state_->graph->nodes); });
  for (const auto* name : state_->names) driver::launch_history::record(context, stream, name);
}

void GraphExec::upload(StreamHandle stream) const {
  driver::ensure_context();
  const std::lock_guard lock(state_->mutex);
  check(api().cuGraphUpload(state_->handle, stream), "cuGraphUpload");
}

void GraphExec::set_parameters(const KernelNode& node, FunctionHandle function, const LaunchConfig& config,
                               void** parameters) {
  if (node.graph_ != state_->graph)
    throw ArgumentError("GraphExec::update: the node is of another graph than the one that this was instantiated from");
  if (api().cuGraphExecKernelNodeSetParams == nullptr)
    throw DriverError("this driver has no cuGraphExecKernelNodeSetParams: capture the graph again instead",
                      {.code = driver::result::not_supported,
                       .name = "CUDA_ERROR_NOT_SUPPORTED",
                       .call = "cuGraphExecKernelNodeSetParams",
                       .object = {}});
  auto plain = function;
  // A kernel of a library is one handle for all contexts; a node takes the function of one.
  if (api().has_libraries())
    check(api().cuKernelGetFunction(&plain, reinterpret_cast<driver::KernelHandle>(function)), "cuKernelGetFunction");
  const auto* name = graph_code::name_of(function);
  const driver::KernelNodeParameters values{.function = plain,
                                            .grid_x = config.grid.x,
                                            .grid_y = config.grid.y,
                                            .grid_z = config.grid.z,
                                            .block_x = config.block.x,
                                            .block_y = config.block.y,
                                            .block_z = config.block.z,
                                            .shared = config.shared,
                                            .parameters = parameters,
                                            .extra = nullptr};
  const std::lock_guard lock(state_->mutex);
  const auto result = api().cuGraphExecKernelNodeSetParams(state_->handle, node.handle(), &values);
  if (result != driver::result::success)
    driver::raise(
        result, "cuGraphExecKernelNodeSetParams",
        fmt::format("kernel node {}{}{}", node.index(), node.name().empty() ? "" : ", ", node.name()),
        result == driver::result::invalid_value
            ? "The new launch must be one that the device takes, in the context that the graph was captured in"
            : "");
  state_->graph->uses->add(plain);
  state_->graph->uses->add(function);
  state_->add_name(name);
}

}  // namespace cujitsu
