// SPDX-License-Identifier: MIT
#include "api_fake_engine.hpp"
#include "support/catch.hpp"

#include <atomic>
#include <string_view>
#include <thread>
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
    REQUIRE(cuStreamCreate(&other, 1) == 0);
    REQUIRE(cuMemAlloc_v2(&spare, 16) == 0);
    REQUIRE(cuModuleLoadData(&module_to_unload, fake::ptx) == 0);
    kernel("store");
  }
  DevicePointer spare = 0;
  ModuleHandle module_to_unload = nullptr;
  StreamHandle one = nullptr, two = nullptr, other = nullptr;  ///< blocking; the others are not
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

namespace {

/// Calls a driver's function, by its name in `rows`.
int answer_of(const char* call, const Streams& s, StreamHandle captured) {
  const std::string_view name = call;
  DevicePointer memory = 0;
  void* host = nullptr;
  unsigned word = 0;
  if (name == "cuMemAlloc") return cuMemAlloc_v2(&memory, 16);
  if (name == "cuMemFree") return cuMemFree_v2(s.spare);
  if (name == "cuMemHostAlloc") return cuMemHostAlloc(&host, 16, 0);
  if (name == "cuMemcpyHtoD") return cuMemcpyHtoD_v2(s.memory, &word, 4);
  if (name == "cuMemcpyDtoH") return cuMemcpyDtoH_v2(&word, s.memory, 4);
  if (name == "cuMemsetD8") return cuMemsetD8_v2(s.memory, 0, 4);
  if (name == "cuMemsetD8Async, other stream") return cuMemsetD8Async(s.memory, 0, 4, s.other);
  if (name == "cuCtxSynchronize") return cuCtxSynchronize();
  if (name == "cuStreamSynchronize, other stream") return cuStreamSynchronize(s.other);
  if (name == "cuStreamSynchronize, same stream") return cuStreamSynchronize(captured);
  if (name == "cuStreamQuery, other stream") return cuStreamQuery(s.other);
  if (name == "cuStreamSynchronize, legacy stream") return cuStreamSynchronize(nullptr);
  if (name == "cuStreamQuery, legacy stream") return cuStreamQuery(nullptr);
  if (name == "cuStreamQuery, same stream") return cuStreamQuery(captured);
  if (name == "cuEventQuery") return cuEventQuery(s.join);
  if (name == "cuEventSynchronize") return cuEventSynchronize(s.join);
  if (name == "cuEventCreate") {
    EventHandle event = nullptr;
    return cuEventCreate(&event, 0);
  }
  if (name == "cuModuleLoadData") {
    ModuleHandle module = nullptr;
    return cuModuleLoadData(&module, fake::ptx);
  }
  if (name == "cuModuleUnload") return cuModuleUnload(s.module_to_unload);
  if (name == "cuCtxSetLimit") return cuCtxSetLimit(0, 1024);
  if (name == "cuMemGetInfo") return cuMemGetInfo_v2(nullptr, nullptr);
  FAIL("there is no call " << name);
  return -1;
}

/// What driver 580.159.04 answers while the thread captures a stream.
struct Row {
  const char* call;
  int strict;              ///< in global and thread-local mode
  int relaxed;             ///< in relaxed mode
  bool is_legacy = false;  ///< waits for blocking streams: 906 when one is captured, in any mode
};

constexpr Row rows[] = {
    {"cuMemAlloc", 900, 0},
    {"cuMemFree", 900, 0},
    {"cuMemHostAlloc", 900, 0},
    {"cuMemcpyHtoD", 0, 0, true},
    {"cuMemcpyDtoH", 0, 0, true},
    {"cuMemsetD8", 0, 0, true},
    {"cuMemsetD8Async, other stream", 0, 0},
    {"cuCtxSynchronize", 900, 900},
    {"cuStreamSynchronize, other stream", 900, 0},
    {"cuStreamSynchronize, same stream", 900, 900},
    {"cuStreamSynchronize, legacy stream", 900, 0, true},
    {"cuStreamQuery, other stream", 900, 0},
    {"cuStreamQuery, same stream", 900, 900},
    {"cuStreamQuery, legacy stream", 900, 0, true},
    {"cuEventQuery", 900, 0},
    {"cuEventSynchronize", 900, 0},
    {"cuEventCreate", 0, 0},
    {"cuModuleLoadData", 0, 0},
    {"cuModuleUnload", 900, 0},
    {"cuCtxSetLimit", 900, 0},
    {"cuMemGetInfo", 0, 0},
};

}  // namespace

TEST_CASE("a capture forbids the calls that it forbids on a GPU, and is invalid after one", "[softgpu][api]") {
  for (const bool is_blocking : {false, true})
    for (const int mode : {0, 1, 2})
      for (const auto& row : rows) {
        const Streams s;
        const auto captured = is_blocking ? s.one : s.two;
        REQUIRE(cuStreamBeginCapture_v2(captured, mode) == 0);
        const int expected = is_blocking && row.is_legacy ? 906 : mode == 2 ? row.relaxed : row.strict;
        CAPTURE(is_blocking, mode, row.call);
        CHECK(answer_of(row.call, s, captured) == expected);
        int status = -1;
        CHECK(cuStreamIsCapturing(captured, &status) == 0);
        CHECK(status == (expected == 0 ? 1 : 2));
        GraphHandle graph = nullptr;
        CHECK(cuStreamEndCapture(captured, &graph) == (expected == 0 ? 0 : 901));
      }
}

TEST_CASE("another thread's capture forbids calls in global mode only, unless the thread says otherwise",
          "[softgpu][api][threads]") {
  for (const int mode : {0, 1, 2})
    for (const int thread_mode : {0, 1, 2}) {
      const Streams s;
      REQUIRE(cuStreamBeginCapture_v2(s.two, mode) == 0);
      int answer = -1, exchanged = thread_mode;
      std::thread([&] {
        if (cuCtxSetCurrent(s.handle) == 0 && cuThreadExchangeStreamCaptureMode(&exchanged) == 0)
          answer = answer_of("cuMemAlloc", s, s.two);
      }).join();
      CAPTURE(mode, thread_mode);
      CHECK(exchanged == 0);
      const bool is_forbidden = mode == 0 && thread_mode == 0;
      CHECK(answer == (is_forbidden ? 900 : 0));
      GraphHandle graph = nullptr;
      CHECK(cuStreamEndCapture(s.two, &graph) == (is_forbidden ? 901 : 0));
    }
}

TEST_CASE("a capture whose stream is destroyed forbids nothing any more", "[softgpu][api]") {
  Streams s;
  REQUIRE(cuStreamBeginCapture_v2(s.two, 0) == 0);
  REQUIRE(cuStreamDestroy_v2(s.two) == 0);
  DevicePointer memory = 0;
  CHECK(cuMemAlloc_v2(&memory, 16) == 0);
}

TEST_CASE("a capture that another thread tries to end is over", "[softgpu][api][threads]") {
  const Streams s;
  REQUIRE(cuStreamBeginCapture_v2(s.two, 0) == 0);
  GraphHandle graph = nullptr;
  int answer = -1;
  std::thread([&] {
    if (cuCtxSetCurrent(s.handle) == 0) answer = cuStreamEndCapture(s.two, &graph);
  }).join();
  CHECK(answer == 908);
  CHECK(cuStreamEndCapture(s.two, &graph) == 401);
}

TEST_CASE("a user object lives until the caller, the graph, its instances and their launches have let go of it",
          "[softgpu][api]") {
  Streams s;
  int destroyed = 0;
  const auto destroy = [](void* data) { ++*static_cast<int*>(data); };
  UserObjectHandle object = nullptr;
  CHECK(cuUserObjectCreate(&object, &destroyed, destroy, 1, 0) == 1);
  CHECK(cuUserObjectCreate(&object, &destroyed, nullptr, 1, 1) == 1);
  REQUIRE(cuUserObjectCreate(&object, &destroyed, destroy, 1, 1) == 0);
  CHECK(cuUserObjectRelease(object, 2) == 1);

  struct Block {
    std::atomic<bool> may_end{false};
    const int* destroyed;
    int seen = -1;
  } block{.destroyed = &destroyed};
  REQUIRE(cuStreamBeginCapture_v2(s.one, 0) == 0);
  int status = 0;
  GraphHandle graph = nullptr, ended = nullptr;
  REQUIRE(cuStreamGetCaptureInfo_v2(s.one, &status, nullptr, &graph, nullptr, nullptr) == 0);
  CHECK(cuGraphRetainUserObject(graph, object, 2, 1) == 1);  // the caller has one
  REQUIRE(cuGraphRetainUserObject(graph, object, 1, 1) == 0);
  CHECK(cuUserObjectRetain(object, 1) == 1);  // it has moved
  const auto wait = [](void* data) {
    auto& it = *static_cast<Block*>(data);
    it.may_end.wait(false);
    it.seen = *it.destroyed;
  };
  REQUIRE(cuLaunchHostFunc(s.one, wait, &block) == 0);
  REQUIRE(cuStreamEndCapture(s.one, &ended) == 0);
  CHECK(ended == graph);
  GraphExecHandle exec = nullptr;
  REQUIRE(cuGraphInstantiateWithFlags(&exec, graph, 0) == 0);
  REQUIRE(cuGraphLaunch(exec, s.one) == 0);
  CHECK(cuGraphDestroy(graph) == 0);
  CHECK(cuGraphExecDestroy(exec) == 0);
  CHECK(destroyed == 0);
  block.may_end = true;
  block.may_end.notify_all();
  REQUIRE(cuStreamSynchronize(s.one) == 0);
  CHECK(block.seen == 0);
  CHECK(destroyed == 1);
}

TEST_CASE("a graph whose capture ends in an error is dropped with its user objects", "[softgpu][api]") {
  Streams s;
  int destroyed = 0;
  const auto destroy = [](void* data) { ++*static_cast<int*>(data); };
  UserObjectHandle object = nullptr;
  REQUIRE(cuUserObjectCreate(&object, &destroyed, destroy, 1, 1) == 0);
  REQUIRE(cuStreamBeginCapture_v2(s.one, 0) == 0);
  int status = 0;
  GraphHandle graph = nullptr, ended = nullptr;
  REQUIRE(cuStreamGetCaptureInfo_v2(s.one, &status, nullptr, &graph, nullptr, nullptr) == 0);
  REQUIRE(cuGraphRetainUserObject(graph, object, 1, 0) == 0);
  CHECK(cuStreamSynchronize(s.one) == 900);
  CHECK(cuStreamEndCapture(s.one, &ended) == 901);
  CHECK(cuGraphDestroy(graph) == 1);
  CHECK(destroyed == 0);
  CHECK(cuUserObjectRelease(object, 1) == 0);
  CHECK(destroyed == 1);
}
