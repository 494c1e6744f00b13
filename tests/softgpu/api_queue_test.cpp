// SPDX-License-Identifier: MIT
// Full launch queues: who waits, who does not, and what ends the waiting.
#include "api_fake_engine.hpp"
#include "softgpu/api/launch_queue.hpp"
#include "support/catch.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

using namespace cujitsu::softgpu;
using namespace cujitsu::softgpu::api;

namespace {

/// A flag that a function in a stream waits for.
class Signal {
 public:
  void set() {
    const std::lock_guard lock(mutex_);
    is_set_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_set_; });
  }
  static void wait_for(void* signal) { static_cast<Signal*>(signal)->wait(); }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_set_ = false;
};

struct Queue : fake::Context {
  Queue() {
    REQUIRE(cuStreamCreate(&stream, 1) == 0);
    REQUIRE(cuStreamCreate(&other, 1) == 0);
    REQUIRE(cuMemAlloc_v2(&memory, 4 * launch_queue_capacity + 64) == 0);
    REQUIRE(cuMemsetD8_v2(memory, 0, 4 * launch_queue_capacity + 64) == 0);
    REQUIRE(cuCtxSynchronize() == 0);
    kernel("store");
  }
  /// Items behind what the stream waits for, until `count` are in it.
  void fill(std::size_t count) {
    int failures = 0;
    for (std::size_t i = 1; i < count; ++i) failures += store(memory + 4 * i, static_cast<unsigned>(i), stream) != 0;
    REQUIRE(failures == 0);
  }
  [[nodiscard]] unsigned value(std::size_t index) const { return reinterpret_cast<volatile unsigned*>(memory)[index]; }

  StreamHandle stream = nullptr, other = nullptr;
  DevicePointer memory = 0;
};

/// A thread with the context that calls `body`, and what it answered.
class Caller {
 public:
  Caller(ContextHandle context, std::function<Result()> body)
      : thread_([this, context, body = std::move(body)] {
          const auto code = cuCtxSetCurrent(context);
          answer_ = code != 0 ? code : body();
          has_returned_ = true;
        }) {}
  ~Caller() {
    if (thread_.joinable()) thread_.join();
  }
  Result answer() {
    if (thread_.joinable()) thread_.join();
    return answer_;
  }
  [[nodiscard]] bool has_returned() const { return has_returned_; }

 private:
  std::atomic<bool> has_returned_{false};
  Result answer_ = -1;
  std::thread thread_;
};

}  // namespace

TEST_CASE("a launch into a full stream waits for room, and nobody else does", "[softgpu][api][threads]") {
  Queue q;
  Signal signal;
  REQUIRE(cuLaunchHostFunc(q.stream, &Signal::wait_for, &signal) == 0);
  q.fill(launch_queue_capacity);
  Caller launcher(q.handle, [&] { return q.store(q.memory, 77, q.stream); });
  wait_until_launchers_wait(1);
  CHECK_FALSE(launcher.has_returned());
  // Another stream goes on, and so do questions about the full one.
  REQUIRE(q.store(q.memory + 4 * launch_queue_capacity, 5, q.other) == 0);
  REQUIRE(cuStreamSynchronize(q.other) == 0);
  CHECK(q.value(launch_queue_capacity) == 5);
  CHECK(cuStreamQuery(q.stream) == 600);
  ContextHandle owner = nullptr;
  CHECK(cuStreamGetCtx(q.stream, &owner) == 0);
  CHECK_FALSE(launcher.has_returned());
  signal.set();
  CHECK(launcher.answer() == 0);
  REQUIRE(cuStreamSynchronize(q.stream) == 0);
  CHECK(q.value(0) == 77);
  CHECK(q.value(launch_queue_capacity - 1) == launch_queue_capacity - 1);
}

TEST_CASE("copies, host functions, events and graphs wait for room too", "[softgpu][api][threads]") {
  Queue q;
  int calls = 0;
  EventHandle event = nullptr;
  REQUIRE(cuEventCreate(&event, 2) == 0);
  GraphHandle graph = nullptr;
  GraphExecHandle exec = nullptr;
  REQUIRE(cuStreamBeginCapture_v2(q.other, 2) == 0);
  REQUIRE(q.store(q.memory, 9, q.other) == 0);
  REQUIRE(cuStreamEndCapture(q.other, &graph) == 0);
  REQUIRE(cuGraphInstantiateWithFlags(&exec, graph, 0) == 0);
  unsigned word = 3;
  const std::vector<std::function<Result()>> calls_that_wait = {
      [&] { return cuMemcpyDtoDAsync_v2(q.memory, q.memory + 4, 4, q.stream); },
      [&] { return cuMemcpyHtoDAsync_v2(q.memory, &word, 4, q.stream); },
      [&] { return cuMemsetD32Async(q.memory, 1, 1, q.stream); },
      [&] { return cuLaunchHostFunc(q.stream, [](void* data) { ++*static_cast<int*>(data); }, &calls); },
      [&] { return cuEventRecord(event, q.stream); },
      [&] { return cuGraphLaunch(exec, q.stream); },
  };
  for (std::size_t i = 0; i < calls_that_wait.size(); ++i) {
    CAPTURE(i);
    Signal signal;
    REQUIRE(cuLaunchHostFunc(q.stream, &Signal::wait_for, &signal) == 0);
    q.fill(launch_queue_capacity);
    Caller caller(q.handle, calls_that_wait[i]);
    wait_until_launchers_wait(1);
    CHECK_FALSE(caller.has_returned());
    signal.set();
    CHECK(caller.answer() == 0);
    REQUIRE(cuStreamSynchronize(q.stream) == 0);
  }
  CHECK(calls == 1);
}

TEST_CASE("a graph takes one place, however many nodes it has", "[softgpu][api][threads]") {
  Queue q;
  EventHandle event = nullptr;
  REQUIRE(cuEventCreate(&event, 2) == 0);
  GraphHandle graph = nullptr;
  GraphExecHandle exec = nullptr;
  REQUIRE(cuStreamBeginCapture_v2(q.other, 2) == 0);
  for (unsigned i = 0; i < 8; ++i) {
    REQUIRE(q.store(q.memory + 4 * launch_queue_capacity + 4 * i, i + 1, q.other) == 0);
    REQUIRE(cuEventRecordWithFlags(event, q.other, 1) == 0);
  }
  REQUIRE(cuStreamEndCapture(q.other, &graph) == 0);
  REQUIRE(cuGraphInstantiateWithFlags(&exec, graph, 0) == 0);
  Signal signal;
  REQUIRE(cuLaunchHostFunc(q.stream, &Signal::wait_for, &signal) == 0);
  q.fill(launch_queue_capacity - 2);
  REQUIRE(cuGraphLaunch(exec, q.stream) == 0);
  REQUIRE(cuGraphLaunch(exec, q.stream) == 0);  // the last place
  Caller launcher(q.handle, [&] { return q.store(q.memory, 1, q.stream); });
  wait_until_launchers_wait(1);
  CHECK_FALSE(launcher.has_returned());
  signal.set();
  CHECK(launcher.answer() == 0);
  REQUIRE(cuStreamSynchronize(q.stream) == 0);
  for (unsigned i = 0; i < 8; ++i) CHECK(q.value(launch_queue_capacity + i) == i + 1);
  CHECK(q.value(0) == 1);
}

TEST_CASE("several threads wait for room in one stream, and all of them get it", "[softgpu][api][threads]") {
  Queue q;
  Signal signal;
  REQUIRE(cuLaunchHostFunc(q.stream, &Signal::wait_for, &signal) == 0);
  q.fill(launch_queue_capacity);
  std::vector<std::unique_ptr<Caller>> launchers;
  for (unsigned i = 0; i < 4; ++i)
    launchers.push_back(std::make_unique<Caller>(q.handle, [&q, i] {
      Result code = 0;
      for (unsigned j = 0; j < 500 && code == 0; ++j)
        code = q.store(q.memory + 4 * launch_queue_capacity + 4 * i, j, q.stream);
      return code;
    }));
  wait_until_launchers_wait(4);
  signal.set();
  for (const auto& launcher : launchers) CHECK(launcher->answer() == 0);
  REQUIRE(cuStreamSynchronize(q.stream) == 0);
  for (unsigned i = 0; i < 4; ++i) CHECK(q.value(launch_queue_capacity + i) == 499);
}

TEST_CASE("who waits for room in a stream that is destroyed is told at once", "[softgpu][api][threads]") {
  Queue q;
  Signal signal;
  REQUIRE(cuLaunchHostFunc(q.stream, &Signal::wait_for, &signal) == 0);
  q.fill(launch_queue_capacity);
  Caller launcher(q.handle, [&] { return q.store(q.memory, 1, q.stream); });
  wait_until_launchers_wait(1);
  REQUIRE(cuStreamDestroy_v2(q.stream) == 0);
  CHECK(launcher.answer() == 400);
  CHECK(q.value(1) == 0);  // nothing has moved
  signal.set();
  REQUIRE(cuCtxSynchronize() == 0);
  CHECK(q.value(launch_queue_capacity - 1) == launch_queue_capacity - 1);
  CHECK(q.value(0) == 0);
}

TEST_CASE("who waits for room in a context that is destroyed is told at once", "[softgpu][api][threads]") {
  const fake::Context primary;
  Signal signal;
  ContextHandle context = nullptr;
  StreamHandle stream = nullptr;
  DevicePointer memory = 0;
  REQUIRE(cuCtxCreate_v2(&context, 0, 0) == 0);
  REQUIRE(cuStreamCreate(&stream, 1) == 0);
  REQUIRE(cuMemAlloc_v2(&memory, 4) == 0);
  REQUIRE(cuLaunchHostFunc(stream, &Signal::wait_for, &signal) == 0);
  int failures = 0;
  for (std::size_t i = 1; i < launch_queue_capacity; ++i) failures += cuMemsetD32Async(memory, 1, 1, stream) != 0;
  REQUIRE(failures == 0);
  Caller launcher(context, [&] { return cuMemsetD32Async(memory, 2, 1, stream); });
  wait_until_launchers_wait(1);
  REQUIRE(cuCtxSetCurrent(primary.handle) == 0);
  Caller destroyer(primary.handle, [&] { return cuCtxDestroy_v2(context); });
  CHECK(launcher.answer() == 709);
  CHECK_FALSE(destroyer.has_returned());  // it waits for the function that has begun
  signal.set();
  CHECK(destroyer.answer() == 0);
}
