// SPDX-License-Identifier: MIT
#include "device/support.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <thread>

using namespace cujitsu;
using test::contains;

namespace {

constexpr const char* source = R"(
__global__ void step(int* x, int a) { x[threadIdx.x] = x[threadIdx.x] * 3 + a; }
__global__ void set(int* x, int a) { x[threadIdx.x] = a; }
)";

int first_of(const DeviceBuffer& x) {
  int value = 0;
  memcpy_dtoh(&value, x, sizeof value);
  return value;
}

}  // namespace

TEST_CASE("a captured stream is replayed, updated and replayed again") {
  const SourceModule module(source);
  const auto step = module.get_function("step");
  const Stream stream;
  const auto x = mem_alloc(4 * 32);
  const auto y = mem_alloc(4 * 32);
  memset_d32(x, 1, 32);
  memset_d32(y, 1, 32);
  StreamCapture capture(stream);
  step.launch({.block = 32, .stream = stream}, x, 1);
  memcpy_dtod_async(y, x, 4 * 32, stream);
  step.launch({.block = 32, .stream = stream}, x, 2);
  const auto graph = capture.end();
  CHECK(graph.nodes() == 3);
  const auto nodes = graph.kernel_nodes();
  REQUIRE(nodes.size() == 2);
  CHECK(nodes[0].name() == "step");
  auto exec = graph.instantiate();
  exec.upload(stream);
  stream.synchronize();
  CHECK(first_of(x) == 1);
  exec.launch(stream);
  stream.synchronize();
  CHECK(first_of(x) == 14);
  CHECK(first_of(y) == 4);
  exec.update(nodes[1], module.get_function("set").bind({.block = 16}, x, 100));
  exec.launch(stream);
  stream.synchronize();
  CHECK(first_of(x) == 100);
  CHECK(first_of(y) == 43);
}

TEST_CASE("a graph runs after its module, kernels and stream have gone") {
  const auto x = mem_alloc(4 * 32);
  std::optional<GraphExec> exec;
  {
    const Stream stream;
    StreamCapture capture(stream, CaptureMode::thread_local_);
    SourceModule(source).get_function("set").launch({.block = 32, .stream = stream}, x, 8);
    exec = capture.end().instantiate();
  }
  exec->launch();
  CHECK(first_of(x) == 8);
}

TEST_CASE("threads launch one graph side by side", "[threads]") {
  const SourceModule module("__global__ void count(int* x) { atomicAdd(x, 1); }");
  const Stream stream;
  const auto x = mem_alloc(4);
  memset_d32(x, 0, 1);
  StreamCapture capture(stream);
  module.get_function("count").launch({.block = 4, .stream = stream}, x);
  const auto exec = capture.end().instantiate();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([exec] {
      const Stream own;
      for (int k = 0; k < 25; ++k) exec.launch(own);
      own.synchronize();
    });
  for (auto& thread : threads) thread.join();
  CHECK(first_of(x) == 400);
}

TEST_CASE("a capture ends in its own thread, unless it is relaxed") {
  const Stream stream;
  std::optional<StreamCapture> capture(std::in_place, stream, CaptureMode::relaxed);
  std::optional<Graph> graph;
  std::thread([&] { graph = capture->end(); }).join();
  CHECK(graph->nodes() == 0);
  capture.emplace(stream);
  std::string message;
  std::thread([&] {
    try {
      static_cast<void>(capture->end());
    } catch (const DriverError& error) {
      message = error.what();
    }
  }).join();
  CHECK(contains(message, "must end in the thread that began it"));
  stream.synchronize();  // it has ended all the same
}

TEST_CASE("host callbacks run in order, once in a stream and at each launch in a graph") {
  const Stream stream;
  auto calls = std::make_shared<std::atomic<int>>(0);
  stream.add_callback([calls] { *calls = *calls * 10 + 1; });
  stream.add_callback([calls] { *calls = *calls * 10 + 2; });
  stream.synchronize();
  CHECK(*calls == 12);
  *calls = 0;
  std::optional<GraphExec> exec;
  {
    StreamCapture capture(stream);
    stream.add_callback([calls] { ++*calls; });
    exec = capture.end().instantiate();
  }
  CHECK(*calls == 0);
  for (int i = 0; i < 3; ++i) exec->launch(stream);
  exec.reset();  // the launches may still be queued
  stream.synchronize();
  CHECK(*calls == 3);
}
