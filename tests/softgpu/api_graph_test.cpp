// SPDX-License-Identifier: MIT
#include "api_fake_engine.hpp"
#include "support/catch.hpp"

#include <vector>

using namespace cujitsu::softgpu;
using namespace cujitsu::softgpu::api;

namespace {

struct Streams : fake::Context {
  Streams() {
    REQUIRE(cuStreamCreate(&one, 0) == 0);
    REQUIRE(cuStreamCreate(&two, 1) == 0);
    REQUIRE(cuEventCreate(&fork, 2) == 0);
    REQUIRE(cuEventCreate(&join, 2) == 0);
    REQUIRE(cuMemAlloc_v2(&memory, 64) == 0);
    REQUIRE(cuMemsetD8_v2(memory, 0, 64) == 0);
    REQUIRE(cuCtxSynchronize() == 0);
    kernel("store");
  }
  StreamHandle one = nullptr, two = nullptr;
  EventHandle fork = nullptr, join = nullptr;
  DevicePointer memory = 0;
  unsigned value(unsigned index) const { return reinterpret_cast<volatile unsigned*>(memory)[index]; }
};

}  // namespace

TEST_CASE("captured work runs when its graph is launched, each time", "[softgpu][api]") {
  Streams s;
  unsigned source = 5;
  int calls = 0, status = -1;
  REQUIRE(cuStreamBeginCapture_v2(s.one, 0) == 0);
  CHECK(cuStreamIsCapturing(s.one, &status) == 0);
  CHECK(status == 1);
  REQUIRE(s.store(s.memory, 1, s.one) == 0);
  REQUIRE(cuEventRecord(s.fork, s.one) == 0);
  REQUIRE(cuStreamWaitEvent(s.two, s.fork, 0) == 0);
  REQUIRE(cuMemcpyDtoDAsync_v2(s.memory + 8, s.memory, 4, s.two) == 0);
  REQUIRE(cuMemsetD32Async(s.memory + 12, 7, 1, s.one) == 0);
  REQUIRE(cuMemcpyHtoDAsync_v2(s.memory + 4, &source, 4, s.one) == 0);
  REQUIRE(cuLaunchHostFunc(s.one, [](void* data) { ++*static_cast<int*>(data); }, &calls) == 0);
  REQUIRE(cuEventRecord(s.join, s.two) == 0);
  REQUIRE(cuStreamWaitEvent(s.one, s.join, 0) == 0);
  GraphHandle graph = nullptr;
  REQUIRE(cuStreamEndCapture(s.one, &graph) == 0);
  REQUIRE(cuCtxSynchronize() == 0);
  CHECK(s.value(0) == 0);
  CHECK(cuEventQuery(s.join) == 907);

  std::size_t count = 0;
  REQUIRE(cuGraphGetNodes(graph, nullptr, &count) == 0);
  REQUIRE(count == 5);
  std::vector<NodeHandle> nodes(count);
  REQUIRE(cuGraphGetNodes(graph, nodes.data(), &count) == 0);
  std::vector<int> types;
  for (const auto node : nodes) {
    int type = -1;
    CHECK(cuGraphNodeGetType(node, &type) == 0);
    types.push_back(type);
  }
  CHECK(types == std::vector<int>{0, 1, 2, 1, 3});

  GraphExecHandle exec = nullptr;
  REQUIRE(cuGraphInstantiateWithFlags(&exec, graph, 0) == 0);
  CHECK(cuGraphDestroy(graph) == 0);
  source = 6;
  REQUIRE(cuGraphLaunch(exec, s.two) == 0);
  REQUIRE(cuGraphLaunch(exec, s.two) == 0);
  REQUIRE(cuStreamSynchronize(s.two) == 0);
  CHECK(s.value(0) == 1);
  CHECK(s.value(1) == 6);
  CHECK(s.value(2) == 1);
  CHECK(s.value(3) == 7);
  CHECK(calls == 2);
  CHECK(cuGraphExecDestroy(exec) == 0);
  CHECK(cuGraphLaunch(exec, s.two) == 1);
  CHECK(cuGraphDestroy(graph) == 1);
}

TEST_CASE("a capture that is spoiled says how", "[softgpu][api]") {
  Streams s;
  GraphHandle graph = nullptr;
  CHECK(cuStreamBeginCapture_v2(nullptr, 0) == 900);
  CHECK(cuStreamEndCapture(s.one, &graph) == 401);

  REQUIRE(cuStreamBeginCapture_v2(s.one, 0) == 0);
  CHECK(cuStreamSynchronize(s.one) == 900);
  CHECK(s.store(s.memory, 1, s.one) == 901);
  CHECK(cuStreamEndCapture(s.one, &graph) == 901);
  CHECK(s.store(s.memory, 1, s.one) == 0);

  REQUIRE(cuStreamBeginCapture_v2(s.one, 0) == 0);
  CHECK(s.store(s.memory, 1, nullptr) == 906);
  CHECK(cuStreamEndCapture(s.one, &graph) == 901);

  REQUIRE(cuStreamBeginCapture_v2(s.one, 0) == 0);
  REQUIRE(cuEventRecord(s.fork, s.one) == 0);
  REQUIRE(cuStreamWaitEvent(s.two, s.fork, 0) == 0);
  REQUIRE(s.store(s.memory, 1, s.two) == 0);
  CHECK(cuStreamEndCapture(s.two, &graph) == 903);
  CHECK(cuStreamEndCapture(s.one, &graph) == 904);
  CHECK(s.store(s.memory, 1, s.two) == 0);
  CHECK(cuCtxSynchronize() == 0);

  REQUIRE(cuStreamBeginCapture_v2(s.one, 0) == 0);
  CHECK(cuStreamBeginCapture_v2(s.one, 0) == 401);
  CHECK(cuStreamEndCapture(s.one, &graph) == 901);
}

TEST_CASE("what a captured kernel was given is copied", "[softgpu][api]") {
  Streams s;
  REQUIRE(cuStreamBeginCapture_v2(s.two, 1) == 0);
  for (unsigned i = 0; i < 4; ++i) REQUIRE(s.store(s.memory + 4 * i, i + 10, s.two) == 0);
  GraphHandle graph = nullptr;
  GraphExecHandle exec = nullptr;
  REQUIRE(cuStreamEndCapture(s.two, &graph) == 0);
  GraphInstantiateParameters parameters{};
  REQUIRE(cuGraphInstantiateWithParams(&exec, graph, &parameters) == 0);
  REQUIRE(cuGraphLaunch(exec, nullptr) == 0);
  REQUIRE(cuCtxSynchronize() == 0);
  for (unsigned i = 0; i < 4; ++i) CHECK(s.value(i) == i + 10);
}
