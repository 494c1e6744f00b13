// SPDX-License-Identifier: MIT
// Nodes of graphs: asking for them, adding and changing them, in graphs and in their instances.
#include "api_fake_engine.hpp"
#include "support/catch.hpp"

#include <cstring>
#include <vector>

using namespace cujitsu::softgpu;
using namespace cujitsu::softgpu::api;
using Catch::Matchers::ContainsSubstring;

namespace {

using Handles = std::vector<NodeHandle>;

struct Nodes : fake::Context {
  Nodes() {
    REQUIRE(cuStreamCreate(&stream, 1) == 0);
    REQUIRE(cuMemAlloc_v2(&memory, 64) == 0);
    REQUIRE(cuMemsetD8_v2(memory, 0, 64) == 0);
    REQUIRE(cuCtxSynchronize() == 0);
    REQUIRE(cuGraphCreate(&graph, 0) == 0);
    kernel("store");
  }

  /// The parameters of a node that writes `word` to the place of index `index`; valid until the next call.
  const KernelNodeParameters* storing(unsigned index, unsigned word) {
    address_ = memory + 4 * index;
    word_ = word;
    values_[0] = &address_;
    values_[1] = &word_;
    parameters_ = {kernel("store"), 1, 1, 1, 1, 1, 1, 0, values_, nullptr, nullptr, nullptr};
    return &parameters_;
  }
  NodeHandle add_store(unsigned index, unsigned word, const Handles& after = {}) {
    NodeHandle node = nullptr;
    REQUIRE(cuGraphAddKernelNode_v2(&node, graph, after.data(), after.size(), storing(index, word)) == 0);
    return node;
  }
  GraphExecHandle instance() const {
    GraphExecHandle exec = nullptr;
    REQUIRE(cuGraphInstantiateWithFlags(&exec, graph, 0) == 0);
    return exec;
  }
  void run(GraphExecHandle exec) const {
    REQUIRE(cuGraphLaunch(exec, stream) == 0);
    REQUIRE(cuStreamSynchronize(stream) == 0);
  }
  [[nodiscard]] unsigned value(unsigned index) const { return reinterpret_cast<volatile unsigned*>(memory)[index]; }

  StreamHandle stream = nullptr;
  DevicePointer memory = 0;
  GraphHandle graph = nullptr;

 private:
  DevicePointer address_ = 0;
  unsigned word_ = 0;
  void* values_[2]{};
  KernelNodeParameters parameters_{};
};

/// The list that a call gives, asked for its length first.
template <class Call>
Handles listed(Call&& call) {
  std::size_t count = 0;
  REQUIRE(call(nullptr, &count) == 0);
  Handles list(count + 1, reinterpret_cast<NodeHandle>(1));
  ++count;
  REQUIRE(call(list.data(), &count) == 0);
  REQUIRE(count + 1 == list.size());
  CHECK(list.back() == nullptr);
  list.pop_back();
  return list;
}

Handles nodes_of(GraphHandle graph) {
  return listed([&](NodeHandle* list, std::size_t* count) { return cuGraphGetNodes(graph, list, count); });
}

}  // namespace

TEST_CASE("a graph that was built node by node runs in the order of its edges", "[softgpu][api]") {
  Nodes n;
  int calls = 0;
  NodeHandle empty = nullptr, copy = nullptr, set = nullptr, host = nullptr;
  REQUIRE(cuGraphAddEmptyNode(&empty, n.graph, nullptr, 0) == 0);
  const auto store = n.add_store(0, 5, {empty});
  Copy3D it{};
  it.source_type = it.destination_type = 2;
  it.source_device = n.memory;
  it.destination_device = n.memory + 4;
  it.width = 4;
  it.height = it.depth = 1;
  REQUIRE(cuGraphAddMemcpyNode(&copy, n.graph, &store, 1, &it, n.handle) == 0);
  const MemsetNodeParameters fill{n.memory + 8, 0, 0x1234, 2, 2, 1};
  REQUIRE(cuGraphAddMemsetNode(&set, n.graph, &store, 1, &fill, n.handle) == 0);
  const HostNodeParameters call{[](void* data) { ++*static_cast<int*>(data); }, &calls};
  const NodeHandle both[] = {copy, set};
  REQUIRE(cuGraphAddHostNode(&host, n.graph, both, 2, &call) == 0);
  std::vector<int> types;
  for (const auto node : nodes_of(n.graph)) {
    types.push_back(-1);
    CHECK(cuGraphNodeGetType(node, &types.back()) == 0);
  }
  CHECK(types == std::vector<int>{5, 0, 1, 2, 3});
  const auto exec = n.instance();
  n.run(exec);
  n.run(exec);
  CHECK(n.value(0) == 5);
  CHECK(n.value(1) == 5);
  CHECK(n.value(2) == 0x12341234);
  CHECK(calls == 2);

  NodeHandle node = nullptr;
  it.width = 0;
  CHECK(cuGraphAddMemcpyNode(&node, n.graph, nullptr, 0, &it, n.handle) == 1);
  CHECK(cuGraphAddMemcpyNode(&node, n.graph, nullptr, 0, nullptr, n.handle) == 1);
  MemsetNodeParameters wrong = fill;
  wrong.element_bytes = 3;
  CHECK(cuGraphAddMemsetNode(&node, n.graph, nullptr, 0, &wrong, n.handle) == 1);
  CHECK(cuGraphAddMemsetNode(&node, n.graph, nullptr, 0, &fill, nullptr) == 201);
  const HostNodeParameters nothing{nullptr, nullptr};
  CHECK(cuGraphAddHostNode(&node, n.graph, nullptr, 0, &nothing) == 1);
  const NodeHandle twice[] = {copy, copy};
  CHECK(cuGraphAddEmptyNode(&node, n.graph, twice, 2) == 1);
  CHECK(cuGraphAddEmptyNode(&node, n.graph, nullptr, 1) == 1);
  CHECK(cuGraphAddEmptyNode(nullptr, n.graph, nullptr, 0) == 1);
  CHECK(nodes_of(n.graph).size() == 5);
}

TEST_CASE("edges are listed, added and removed", "[softgpu][api]") {
  Nodes n;
  const auto a = n.add_store(0, 1), b = n.add_store(1, 1, {a}), c = n.add_store(2, 1, {a, b}), d = n.add_store(3, 1);
  CHECK(nodes_of(n.graph) == Handles{a, b, c, d});
  const auto roots = [&] {
    return listed([&](NodeHandle* list, std::size_t* count) { return cuGraphGetRootNodes(n.graph, list, count); });
  };
  const auto dependencies = [&](NodeHandle node) {
    return listed([&](NodeHandle* list, std::size_t* count) { return cuGraphNodeGetDependencies(node, list, count); });
  };
  const auto dependents = [&](NodeHandle node) {
    return listed(
        [&](NodeHandle* list, std::size_t* count) { return cuGraphNodeGetDependentNodes(node, list, count); });
  };
  CHECK(roots() == Handles{a, d});
  CHECK(dependencies(c) == Handles{a, b});
  CHECK(dependents(a) == Handles{b, c});
  CHECK(dependents(c).empty());

  NodeHandle from[4]{}, to[4]{};
  GraphEdge edges[4];
  std::memset(edges, 0xff, sizeof edges);
  std::size_t count = 0;
  REQUIRE(cuGraphGetEdges(n.graph, nullptr, nullptr, &count) == 0);
  CHECK(count == 3);
  count = 4;
  REQUIRE(cuGraphGetEdges_v2(n.graph, from, to, edges, &count) == 0);
  CHECK(count == 3);
  CHECK(Handles(from, from + 4) == Handles{a, a, b, nullptr});
  CHECK(Handles(to, to + 4) == Handles{b, c, c, nullptr});
  CHECK(edges[2].type == 0);
  CHECK(edges[3].type == 0xff);
  CHECK(cuGraphGetEdges(n.graph, from, nullptr, &count) == 1);

  CHECK(cuGraphAddDependencies(n.graph, &c, &d, 1) == 0);
  CHECK(dependencies(d) == Handles{c});
  CHECK(cuGraphAddDependencies(n.graph, &c, &d, 1) == 1);
  CHECK(cuGraphAddDependencies(n.graph, &d, &d, 1) == 1);
  const GraphEdge programmatic{1, 0, 1, {}};
  CHECK(cuGraphAddDependencies_v2(n.graph, &a, &d, &programmatic, 1) == 801);
  CHECK(cuGraphRemoveDependencies(n.graph, &a, &d, 1) == 1);
  CHECK(cuGraphRemoveDependencies_v2(n.graph, &c, &d, nullptr, 1) == 0);
  CHECK(dependencies(d).empty());

  // A circle is found when the graph is instantiated.
  REQUIRE(cuGraphAddDependencies(n.graph, &c, &a, 1) == 0);
  GraphExecHandle exec = nullptr;
  CHECK(cuGraphInstantiateWithFlags(&exec, n.graph, 0) == 1);
  GraphInstantiateParameters parameters{};
  CHECK(cuGraphInstantiateWithParams(&exec, n.graph, &parameters) == 1);
  CHECK(parameters.result == 2);
  CHECK(parameters.error_node != nullptr);
  CHECK(parameters.error_node != d);
  REQUIRE(cuGraphRemoveDependencies(n.graph, &c, &a, 1) == 0);

  CHECK(cuGraphDestroyNode(b) == 0);
  CHECK(cuGraphDestroyNode(b) == 1);
  CHECK(nodes_of(n.graph) == Handles{a, c, d});
  CHECK(dependencies(c) == Handles{a});
  CHECK(cuGraphAddDependencies(n.graph, &b, &d, 1) == 1);
  n.run(n.instance());
  CHECK(n.value(1) == 0);
  CHECK(n.value(2) == 1);
}

TEST_CASE("an edge against the order in which nodes came decides when they run", "[softgpu][api]") {
  Nodes n;
  const auto first = n.add_store(0, 1), second = n.add_store(0, 2);
  REQUIRE(cuGraphAddDependencies(n.graph, &second, &first, 1) == 0);
  n.run(n.instance());
  CHECK(n.value(0) == 1);
}

TEST_CASE("a kernel node gives the parameters that it has, and takes others", "[softgpu][api]") {
  Nodes n;
  // Captured, so that the parameters come from cuLaunchKernel.
  REQUIRE(cuStreamBeginCapture_v2(n.stream, 2) == 0);
  REQUIRE(n.store(n.memory, 3, n.stream) == 0);
  REQUIRE(n.launch("print", n.stream, 7, 64, 128) == 0);
  GraphHandle graph = nullptr;
  REQUIRE(cuStreamEndCapture(n.stream, &graph) == 0);
  const auto nodes = nodes_of(graph);
  REQUIRE(nodes.size() == 2);
  KernelNodeParametersV1 old{};
  REQUIRE(cuGraphKernelNodeGetParams(nodes[1], &old) == 0);
  CHECK(old.function == n.kernel("print"));
  CHECK(old.grid_x == 7);
  CHECK(old.block_x == 64);
  CHECK(old.shared == 128);
  CHECK(old.parameters == nullptr);
  KernelNodeParameters it{};
  REQUIRE(cuGraphKernelNodeGetParams_v2(nodes[0], &it) == 0);
  CHECK(it.function == n.kernel("store"));
  CHECK(it.kernel == nullptr);
  CHECK(it.context == n.handle);
  CHECK(it.extra == nullptr);
  REQUIRE(it.parameters != nullptr);
  DevicePointer address = 0;
  unsigned word = 0;
  std::memcpy(&address, it.parameters[0], 8);
  std::memcpy(&word, it.parameters[1], 4);
  CHECK(address == n.memory);
  CHECK(word == 3);

  // One parameter changed, the other still the node's own.
  word = 4;
  it.parameters[1] = &word;
  REQUIRE(cuGraphKernelNodeSetParams_v2(nodes[0], &it) == 0);
  word = 5;  // copied before
  n.graph = graph;
  n.run(n.instance());
  CHECK(n.value(0) == 4);

  struct {
    DevicePointer address;
    unsigned value;
  } buffer{n.memory + 4, 8};
  std::size_t bytes = 12;
  void* extra[] = {reinterpret_cast<void*>(1), &buffer, reinterpret_cast<void*>(2), &bytes, nullptr};
  it.parameters = nullptr;
  it.extra = extra;
  REQUIRE(cuGraphKernelNodeSetParams_v2(nodes[0], &it) == 0);
  buffer.value = 9;
  REQUIRE(cuGraphKernelNodeGetParams_v2(nodes[0], &it) == 0);
  CHECK(it.parameters == nullptr);
  REQUIRE(it.extra != nullptr);
  REQUIRE(cuGraphKernelNodeSetParams_v2(nodes[0], &it) == 0);  // what was given is taken back
  n.run(n.instance());
  CHECK(n.value(1) == 8);

  REQUIRE(cuGraphKernelNodeGetParams_v2(nodes[0], &it) == 0);
  auto wrong = it;
  wrong.block_x = 2000;
  CHECK(cuGraphKernelNodeSetParams_v2(nodes[0], &wrong) == 1);
  wrong = it;
  wrong.extra = nullptr;
  CHECK(cuGraphKernelNodeSetParams_v2(nodes[0], &wrong) == 1);
  wrong.parameters = it.extra;
  wrong.extra = it.extra;
  CHECK(cuGraphKernelNodeSetParams_v2(nodes[0], &wrong) == 1);
  wrong = it;
  wrong.function = nullptr;
  CHECK(cuGraphKernelNodeSetParams_v2(nodes[0], &wrong) == 1);
  CHECK(cuGraphKernelNodeSetParams_v2(nodes[0], nullptr) == 1);
  CHECK(cuGraphKernelNodeGetParams_v2(nullptr, &it) == 1);
  NodeHandle empty = nullptr;
  REQUIRE(cuGraphAddEmptyNode(&empty, graph, nullptr, 0) == 0);
  CHECK(cuGraphKernelNodeGetParams_v2(empty, &it) == 1);
  CHECK(cuGraphKernelNodeSetParams_v2(empty, n.storing(0, 0)) == 1);
}

TEST_CASE("a node takes a context-less kernel, as a kernel or in the place of a function", "[softgpu][api]") {
  Nodes n;
  LibraryHandle library = nullptr;
  KernelHandle kernel = nullptr;
  REQUIRE(cuLibraryLoadData(&library, fake::ptx, nullptr, nullptr, 0, nullptr, nullptr, 0) == 0);
  REQUIRE(cuLibraryGetKernel(&kernel, library, "store") == 0);
  auto it = *n.storing(0, 6);
  it.function = nullptr;
  it.kernel = kernel;
  NodeHandle node = nullptr;
  REQUIRE(cuGraphAddKernelNode_v2(&node, n.graph, nullptr, 0, &it) == 0);
  KernelNodeParameters given{};
  REQUIRE(cuGraphKernelNodeGetParams_v2(node, &given) == 0);
  CHECK(given.function == nullptr);
  CHECK(given.kernel == kernel);
  CHECK(given.context == n.handle);
  KernelNodeParametersV1 old{};
  REQUIRE(cuGraphKernelNodeGetParams(node, &old) == 0);
  FunctionHandle function = nullptr;
  REQUIRE(cuKernelGetFunction(&function, kernel) == 0);
  CHECK(old.function == function);
  CHECK(cuGraphKernelNodeSetParams(node, &old) == 0);

  it = *n.storing(1, 7);
  it.function = reinterpret_cast<FunctionHandle>(kernel);
  REQUIRE(cuGraphAddKernelNode_v2(&node, n.graph, nullptr, 0, &it) == 0);
  it.function = nullptr;
  it.kernel = reinterpret_cast<KernelHandle>(n.stream);
  CHECK(cuGraphAddKernelNode_v2(&node, n.graph, nullptr, 0, &it) == 400);
  n.run(n.instance());
  CHECK(n.value(0) == 6);
  CHECK(n.value(1) == 7);

  std::size_t offset = 0, bytes = 0;
  CHECK(cuKernelGetParamInfo(kernel, 1, &offset, &bytes) == 0);
  CHECK(offset == 8);
  CHECK(bytes == 4);
  CHECK(cuKernelGetParamInfo(kernel, 0, &offset, nullptr) == 0);
  CHECK(cuKernelGetParamInfo(kernel, 2, &offset, &bytes) == 1);
  CHECK(cuKernelGetParamInfo(kernel, 0, nullptr, &bytes) == 1);
}

TEST_CASE("an instance's parameters change for later launches, not for one in flight", "[softgpu][api][threads]") {
  Nodes n;
  NodeHandle hold = nullptr;
  const KernelNodeParameters holding{n.kernel("hold"), 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr, nullptr};
  REQUIRE(cuGraphAddKernelNode_v2(&hold, n.graph, nullptr, 0, &holding) == 0);
  const auto store = n.add_store(0, 1, {hold});
  const auto exec = n.instance();
  fake::gate().close();
  REQUIRE(cuGraphLaunch(exec, n.stream) == 0);
  fake::gate().wait_until_reached();
  REQUIRE(cuGraphExecKernelNodeSetParams_v2(exec, store, n.storing(1, 2)) == 0);
  fake::gate().open();
  REQUIRE(cuStreamSynchronize(n.stream) == 0);
  CHECK(n.value(0) == 1);
  CHECK(n.value(1) == 0);
  n.run(exec);
  CHECK(n.value(1) == 2);
  // The graph, and what is instantiated from it, has its own.
  REQUIRE(cuMemsetD8_v2(n.memory, 0, 64) == 0);
  REQUIRE(cuCtxSynchronize() == 0);
  n.run(n.instance());
  CHECK(n.value(0) == 1);
  CHECK(n.value(1) == 0);
  // And the other way round: a change of the graph is none of the instance.
  REQUIRE(cuGraphKernelNodeSetParams_v2(store, n.storing(2, 3)) == 0);
  n.run(exec);
  CHECK(n.value(1) == 2);
  CHECK(n.value(2) == 0);

  // Any other kernel of the context will do, one of another context will not.
  auto other = *n.storing(0, 0);
  other.function = n.kernel("print");
  other.parameters = nullptr;
  CHECK(cuGraphExecKernelNodeSetParams_v2(exec, store, &other) == 0);
  ContextHandle second = nullptr;
  ModuleHandle module = nullptr;
  REQUIRE(cuCtxCreate_v2(&second, 0, 0) == 0);
  REQUIRE(cuModuleLoadData(&module, fake::ptx) == 0);
  REQUIRE(cuModuleGetFunction(&other.function, module, "print") == 0);
  fake::new_log();
  CHECK(cuGraphExecKernelNodeSetParams_v2(exec, store, &other) == 1);
  CHECK_THAT(fake::new_log(), ContainsSubstring("kernel 'print' is of another context"));
  NodeHandle node = nullptr;
  CHECK(cuGraphAddKernelNode_v2(&node, n.graph, nullptr, 0, &other) == 801);
  REQUIRE(cuCtxDestroy_v2(second) == 0);

  CHECK(cuGraphExecKernelNodeSetParams_v2(exec, nullptr, n.storing(0, 0)) == 1);
  CHECK(cuGraphExecKernelNodeSetParams_v2(nullptr, store, n.storing(0, 0)) == 1);
  const auto late = n.add_store(0, 0);
  CHECK(cuGraphExecKernelNodeSetParams_v2(exec, late, n.storing(0, 0)) == 1);
  REQUIRE(cuGraphDestroyNode(store) == 0);
  CHECK(cuGraphExecKernelNodeSetParams_v2(exec, store, n.storing(0, 0)) == 1);
}

TEST_CASE("an instance becomes like another graph of the same topology", "[softgpu][api]") {
  Nodes n;
  const auto original = n.graph;
  const auto build = [&](unsigned word) {
    REQUIRE(cuGraphCreate(&n.graph, 0) == 0);
    const auto a = n.add_store(0, word), b = n.add_store(1, word, {a}), c = n.add_store(2, word, {a});
    return Handles{a, b, c, n.add_store(3, word, {b, c})};
  };
  build(1);
  const auto exec = n.instance();
  n.run(exec);
  build(2);
  GraphUpdateResult result{7, nullptr, nullptr};
  REQUIRE(cuGraphExecUpdate_v2(exec, n.graph, &result) == 0);
  CHECK(result.result == 0);
  n.run(exec);
  for (unsigned i = 0; i < 4; ++i) CHECK(n.value(i) == 2);

  const auto expect = [&](int why, NodeHandle node, NodeHandle from) {
    CHECK(cuGraphExecUpdate_v2(exec, n.graph, &result) == 910);
    CHECK(result.result == why);
    CHECK(result.error_node == node);
    CHECK(result.error_from == from);
    n.run(exec);
    for (unsigned i = 0; i < 4; ++i) CHECK(n.value(i) == 2);  // as it was
  };
  constexpr int topology = 2, type = 3, parameters = 5, attributes = 8, function = 7;
  build(3);
  n.add_store(4, 3);
  expect(topology, nullptr, nullptr);  // one more node
  auto nodes = build(3);
  REQUIRE(cuGraphRemoveDependencies(n.graph, &nodes[0], &nodes[2], 1) == 0);
  expect(topology, nodes[2], nullptr);  // fewer dependencies
  nodes = build(3);
  REQUIRE(cuGraphRemoveDependencies(n.graph, &nodes[2], &nodes[3], 1) == 0);
  expect(topology, nodes[3], nullptr);  // one more exit
  nodes = build(3);
  REQUIRE(cuGraphRemoveDependencies(n.graph, &nodes[0], &nodes[2], 1) == 0);
  REQUIRE(cuGraphAddDependencies(n.graph, &nodes[1], &nodes[2], 1) == 0);
  CHECK(cuGraphExecUpdate_v2(exec, n.graph, &result) == 910);
  CHECK(result.result == topology);  // as many edges, elsewhere
  CHECK(result.error_node != nullptr);
  CHECK(result.error_from != nullptr);
  NodeHandle error = nullptr;
  int why = 0;
  CHECK(cuGraphExecUpdate(exec, n.graph, &error, &why) == 910);
  CHECK(why == topology);
  CHECK(error == result.error_node);

  nodes = build(3);
  REQUIRE(cuGraphDestroyNode(nodes[3]) == 0);
  NodeHandle last = nullptr;
  REQUIRE(cuGraphAddEmptyNode(&last, n.graph, nodes.data() + 1, 2) == 0);
  expect(type, last, nullptr);
  nodes = build(3);
  LaunchAttributeValue value{};
  value.cooperative = 1;
  REQUIRE(cuGraphKernelNodeSetAttribute(nodes[1], 2, &value) == 0);
  expect(attributes, nodes[1], nullptr);

  CHECK(cuGraphExecUpdate_v2(exec, nullptr, &result) == 1);
  CHECK(result.result == 1);

  // Copies keep their kinds of memory, 2D memsets their size.
  const auto one_node = [&](bool from_host, std::size_t width) {
    REQUIRE(cuGraphCreate(&n.graph, 0) == 0);
    static unsigned word = 0;
    Copy3D copy{};
    copy.source_type = from_host ? 1 : 2;
    copy.source_host = &word;
    copy.source_device = n.memory;
    copy.destination_type = 2;
    copy.destination_device = n.memory + 4;
    copy.width = 4;
    copy.height = copy.depth = 1;
    NodeHandle first = nullptr, second = nullptr;
    REQUIRE(cuGraphAddMemcpyNode(&first, n.graph, nullptr, 0, &copy, n.handle) == 0);
    const MemsetNodeParameters fill{n.memory + 16, 8, 0, 1, width, 2};
    REQUIRE(cuGraphAddMemsetNode(&second, n.graph, &first, 1, &fill, n.handle) == 0);
    return Handles{first, second};
  };
  one_node(true, 4);
  const auto copies = n.instance();
  one_node(true, 4);
  CHECK(cuGraphExecUpdate_v2(copies, n.graph, &result) == 0);
  nodes = one_node(false, 4);
  CHECK(cuGraphExecUpdate_v2(copies, n.graph, &result) == 910);
  CHECK(result.result == parameters);
  CHECK(result.error_node == nodes[0]);
  nodes = one_node(true, 3);
  CHECK(cuGraphExecUpdate_v2(copies, n.graph, &result) == 910);
  CHECK(result.result == parameters);
  CHECK(result.error_node == nodes[1]);

  // A kernel of another context.
  n.graph = original;
  n.add_store(0, 1);
  const auto single = n.instance();
  ContextHandle second = nullptr;
  REQUIRE(cuCtxCreate_v2(&second, 0, 0) == 0);
  GraphHandle foreign = nullptr;
  ModuleHandle module = nullptr;
  KernelNodeParameters print{nullptr, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr, nullptr};
  REQUIRE(cuModuleLoadData(&module, fake::ptx) == 0);
  REQUIRE(cuModuleGetFunction(&print.function, module, "print") == 0);
  REQUIRE(cuGraphCreate(&foreign, 0) == 0);
  NodeHandle node = nullptr;
  REQUIRE(cuGraphAddKernelNode_v2(&node, foreign, nullptr, 0, &print) == 0);
  CHECK(cuGraphExecUpdate_v2(single, foreign, &result) == 910);
  CHECK(result.result == function);
  CHECK(result.error_node == node);
  REQUIRE(cuCtxDestroy_v2(second) == 0);
}

TEST_CASE("priorities may not change where an instance uses them", "[softgpu][api]") {
  Nodes n;
  const auto node = n.add_store(0, 1);
  const auto plain = n.instance();
  GraphExecHandle exact = nullptr;
  REQUIRE(cuGraphInstantiateWithFlags(&exact, n.graph, 8) == 0);
  std::uint64_t flags = 0;
  CHECK(cuGraphExecGetFlags(exact, &flags) == 0);
  CHECK(flags == 8);
  LaunchAttributeValue value{}, back{};
  value.priority = -2;
  REQUIRE(cuGraphKernelNodeSetAttribute(node, 8, &value) == 0);
  REQUIRE(cuGraphKernelNodeGetAttribute(node, 8, &back) == 0);
  CHECK(back.priority == -2);
  GraphUpdateResult result{};
  CHECK(cuGraphExecUpdate_v2(plain, n.graph, &result) == 0);
  CHECK(cuGraphExecUpdate_v2(exact, n.graph, &result) == 910);
  CHECK(result.result == 8);
  CHECK(result.error_node == node);

  CHECK(cuGraphKernelNodeGetAttribute(node, 2, &back) == 0);
  CHECK(back.cooperative == 0);
  CHECK(cuGraphKernelNodeGetAttribute(node, 6, &back) == 1);  // of launches only
  value.cluster = {2, 1, 1};
  CHECK(cuGraphKernelNodeSetAttribute(node, 4, &value) == 801);
  value = {};
  value.cooperative = 1;
  REQUIRE(cuGraphKernelNodeSetAttribute(node, 2, &value) == 0);
  n.run(n.instance());
  CHECK(fake::last_request().cooperative);
  CHECK(n.value(0) == 1);
  REQUIRE(cuGraphKernelNodeSetParams_v2(node, n.storing(0, 2)) == 0);
  CHECK(cuGraphKernelNodeGetAttribute(node, 2, &back) == 0);
  CHECK(back.cooperative == 1);  // parameters leave attributes alone
}

TEST_CASE("a clone is a graph of its own", "[softgpu][api]") {
  Nodes n;
  const auto a = n.add_store(0, 1), b = n.add_store(1, 1, {a});
  GraphHandle clone = nullptr;
  REQUIRE(cuGraphClone(&clone, n.graph) == 0);
  NodeHandle twin = nullptr;
  REQUIRE(cuGraphNodeFindInClone(&twin, b, clone) == 0);
  CHECK(twin != b);
  CHECK(nodes_of(clone).at(1) == twin);
  CHECK(cuGraphNodeFindInClone(&twin, b, n.graph) == 1);
  REQUIRE(cuGraphNodeFindInClone(&twin, b, clone) == 0);
  REQUIRE(cuGraphKernelNodeSetParams_v2(b, n.storing(1, 5)) == 0);
  const auto exec = n.instance();
  REQUIRE(cuGraphDestroy(n.graph) == 0);
  CHECK(cuGraphDestroyNode(a) == 1);
  n.graph = clone;
  n.run(n.instance());
  CHECK(n.value(1) == 1);
  n.run(exec);
  CHECK(n.value(1) == 5);
  NodeHandle node = nullptr;
  REQUIRE(cuGraphDestroyNode(twin) == 0);
  CHECK(cuGraphNodeFindInClone(&node, b, clone) == 1);
}
