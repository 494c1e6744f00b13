// SPDX-License-Identifier: MIT
#include "annotations.hpp"
#include "bound_launch.hpp"
#include "fast_method.hpp"
#include "gil.hpp"
#include "instance.hpp"
#include "launch_keywords.hpp"
#include "numbers.hpp"
#include "registration.hpp"
#include "text_conversion.hpp"
#include "vectorcall.hpp"

#include <cujitsu/errors.hpp>
#include <cujitsu/graph.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cujitsu::python {
namespace {

using KernelNodeList = Annotated<"list[cujitsu._core.KernelNode]">;
using BoundLaunchArgument = Annotated<"cujitsu._core.BoundLaunch">;

template <class Handle>
std::uint64_t handle_number(Handle handle) {
  return static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(handle));
}

/// A Graph that `with` gives out before it is recorded.
struct RecordedGraph {
  std::optional<Graph> graph;

  [[nodiscard]] const Graph& get(const char* what) const {
    if (!graph)
      throw ArgumentError(
          fmt::format("{}: the graph is not complete: it is once its `with cujitsu.capture(...)` block has ended "
                      "without an error",
                      what));
    return *graph;
  }
};

/// cujitsu.capture(stream): one block.
struct CaptureBlock {
  py::object stream_object;  // kept alive
  StreamHandle stream;
  CaptureMode mode;
  std::optional<StreamCapture> capture = std::nullopt;
  std::shared_ptr<RecordedGraph> graph = nullptr;
};

/// What an update has named must live as long as the graph may run it.
struct OwningGraphExec {
  std::optional<GraphExec> exec;  // empty only while it is destroyed
  std::vector<py::object> arguments = {};
  std::vector<std::shared_ptr<void>> loans = {};  // of DLPack

  explicit OwningGraphExec(GraphExec exec_) : exec(std::move(exec_)) {}
  ~OwningGraphExec() {
    // A callback that runs in a launch of it may be waiting for the GIL.
    const GilRelease release;
    exec.reset();
  }
  OwningGraphExec(const OwningGraphExec&) = delete;
  OwningGraphExec& operator=(const OwningGraphExec&) = delete;
};

CaptureMode mode_argument(const std::string& mode) {
  if (mode == "global") return CaptureMode::global;
  if (mode == "thread_local") return CaptureMode::thread_local_;
  if (mode == "relaxed") return CaptureMode::relaxed;
  throw ArgumentError(fmt::format("capture: mode must be 'global', 'thread_local' or 'relaxed', not '{}'", mode));
}

std::unique_ptr<CaptureBlock> make_block(const StreamLike& stream, const std::string& mode) {
  return std::make_unique<CaptureBlock>(CaptureBlock{stream, stream_argument("capture", stream), mode_argument(mode)});
}

std::shared_ptr<RecordedGraph> enter(CaptureBlock& self) {
  if (self.graph != nullptr) throw ArgumentError("capture: an object is for one block; call cujitsu.capture again");
  {
    const GilRelease release;
    self.capture.emplace(Stream::from_handle(self.stream), self.mode);
  }
  self.graph = std::make_shared<RecordedGraph>();
  return self.graph;
}

void leave(CaptureBlock& self, const py::object& type, const py::object&, const py::object&) {
  if (!self.capture) throw ArgumentError("capture: the block was not entered, or has ended already");
  auto capture = std::exchange(self.capture, std::nullopt);
  const bool has_failed = !type.is_none();
  std::optional<Graph> graph;
  {
    const GilRelease release;
    if (has_failed)
      capture.reset();
    else
      graph = capture->end();
  }
  self.graph->graph = std::move(graph);
}

std::string describe(const KernelNode& node) {
  return fmt::format("<KernelNode {}{}{}>", node.index(), node.name().empty() ? "" : ": ", node.name());
}

std::unique_ptr<OwningGraphExec> instantiate(const RecordedGraph& self) {
  const auto& graph = self.get("Graph.instantiate");
  const GilRelease release;
  return std::make_unique<OwningGraphExec>(graph.instantiate());
}

void update(OwningGraphExec& self, const KernelNode& node, const BoundLaunchArgument& launch) {
  if (!py::isinstance<OwningBoundLaunch>(launch))
    throw ArgumentError(fmt::format("GraphExec.update: launch must be a BoundLaunch (Kernel.bind makes one), not {}",
                                    python::describe(launch)),
                        ArgumentError::Kind::type);
  const auto& bound = py::cast<const OwningBoundLaunch&>(launch);
  {
    const GilRelease release;
    self.exec->update(node, bound.launch);
  }
  // The old ones stay as well: launches that use them may be queued.
  self.arguments.insert(self.arguments.end(), bound.arguments.begin(), bound.arguments.end());
  self.loans.insert(self.loans.end(), bound.loans.begin(), bound.loans.end());
}

PyObject* launch(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return translating([&]() -> PyObject* {
    const auto keywords = names == nullptr ? 0 : PyTuple_GET_SIZE(names);
    if (count + keywords > 1 ||
        (keywords == 1 && PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, 0), "stream") != 0))
      throw ArgumentError("GraphExec.launch() takes a stream and nothing else", ArgumentError::Kind::type);
    const auto handle = count + keywords == 0 ? nullptr : stream_of("GraphExec.launch", values[0]);
    const auto& exec = *instance_value<OwningGraphExec>(self)->exec;
    {
      const GilRelease release;
      exec.launch(handle);
    }
    Py_RETURN_NONE;
  });
}

void register_graph_exec(py::module_& module) {
  py::class_<OwningGraphExec> graph_exec(module, "GraphExec",
                                         R"(A graph that is ready to launch. For any thread.

Made by Graph.instantiate; keeps what the Graph keeps. It is destroyed with the last reference; launches that are queued
run on. All methods raise LaunchError, DriverError and LoadError besides what they name.)");
  graph_exec
      .def(
          "upload",
          [](const OwningGraphExec& self, const StreamLike& stream) {
            const StreamHandle handle = stream_argument("GraphExec.upload", stream);
            const GilRelease release;
            self.exec->upload(handle);
          },
          py::arg("stream") = py::none(), "Moves what a launch needs to the device ahead of the first one.")
      .def("update", &update, py::arg("node"), py::arg("launch"),
           R"(Later launches run the kernel of `launch`, a BoundLaunch, at `node`, one of the graph's kernel_nodes.

With its arguments, grid, block and shared memory; its stream does not count. Launches that are queued already are not
changed, nor is the Graph. The arguments are kept alive. Raises ArgumentError when the node is of another graph.)")
      .def_property_readonly(
          "handle", [](const OwningGraphExec& self) { return handle_number(self.exec->handle()); },
          "The CUgraphExec as an integer.")
      .def("__repr__", [](const OwningGraphExec& self) {
        return fmt::format("<GraphExec {:#x}>", handle_number(self.exec->handle()));
      });
  static PyMethodDef launch_method = fast_method(
      "launch", &launch, R"(launch(self: cujitsu._core.GraphExec, stream: cujitsu.typing.StreamLike = None) -> None

Queues the whole graph in `stream` (None: the legacy default stream) and returns at once.

Launches of one GraphExec run one after another, whatever their streams.)");
  define_fast_method(graph_exec, launch_method);
}

}  // namespace

void register_graph(py::module_& module) {
  py::class_<KernelNode>(module, "KernelNode", py::release_gil_before_calling_cpp_dtor(),
                         "A kernel's launch in a Graph, which it keeps alive. For any thread.")
      .def_property_readonly("index", &KernelNode::index, "The place among the graph's kernels, from 0.")
      .def_property_readonly(
          "name", [](const KernelNode& self) { return text(self.name()); },
          "As Kernel.name; empty for a kernel that cujitsu has not loaded.")
      .def_property_readonly(
          "handle", [](const KernelNode& self) { return handle_number(self.handle()); },
          "The CUgraphNode as an integer.")
      .def("__repr__", [](const KernelNode& self) { return text(describe(self)); });

  register_graph_exec(module);

  py::class_<RecordedGraph, std::shared_ptr<RecordedGraph>>(module, "Graph", py::release_gil_before_calling_cpp_dtor(),
                                                            R"(Work that capture() has recorded. For any thread.

Complete when its `with` block has ended; before that everything but repr raises ArgumentError. It keeps the code of its
kernels loaded and the functions of Stream.add_callback alive. The memory that it names is the caller's: keep the buffers
until the last launch has ended. Everything raises DriverError and LoadError besides what it names.)")
      .def_property_readonly(
          "nodes", [](const RecordedGraph& self) { return self.get("Graph.nodes").nodes(); },
          "How many operations of all kinds there are.")
      .def_property_readonly(
          "kernel_nodes",
          [](const RecordedGraph& self) {
            py::list nodes;
            for (auto& node : self.get("Graph.kernel_nodes").kernel_nodes()) nodes.append(py::cast(std::move(node)));
            return KernelNodeList(nodes);
          },
          "The launches of kernels, in the order in which they were captured.")
      .def_property_readonly(
          "handle", [](const RecordedGraph& self) { return handle_number(self.get("Graph.handle").handle()); },
          "The CUgraph as an integer.")
      .def("instantiate", &instantiate, "Makes it ready to launch. The drivers of CUDA 11.4 and newer can.")
      .def("__repr__", [](const RecordedGraph& self) -> std::string {
        if (!self.graph) return "<Graph, not complete>";
        return fmt::format("<Graph of {} nodes, {} of them kernels>", self.graph->nodes(),
                           self.graph->kernel_nodes().size());
      });

  py::class_<CaptureBlock>(module, "capture", R"(Records what is queued in a stream, instead of running it:

    with cujitsu.capture(stream) as graph:
        kernel(a_gpu, 400, grid=2, block=256, stream=stream)
    launch = graph.instantiate()
    launch.launch(stream)

`stream` must not be the legacy default stream. Streams that wait for its events are recorded too, and must be joined
back by an event. `mode` says which calls are illegal meanwhile because they may wait for the device, such as allocating
and synchronising: "global", in every thread; "thread_local", in this one; "relaxed", in none. The block must end in the
thread that began it, unless the mode is "relaxed".

An exception within the block abandons the capture. The end of the block raises DriverError when a call within has made
the capture invalid or somebody else has ended it. Raises ArgumentError for an unknown mode, DriverError, LoadError.)")
      .def(py::init(&make_block), py::arg("stream"), py::arg("mode") = "global")
      .def("__enter__", &enter, "Begins the capture; gives the Graph that is complete when the block has ended.")
      .def("__exit__", &leave, py::arg("type"), py::arg("value"), py::arg("traceback"),
           "Ends the capture; abandons it when the block has raised.")
      .def("__repr__",
           [](const CaptureBlock& self) { return fmt::format("<capture of stream {:#x}>", to_integer(self.stream)); });
}

}  // namespace cujitsu::python
