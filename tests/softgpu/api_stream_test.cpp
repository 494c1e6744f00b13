// SPDX-License-Identifier: MIT
#include "api_fake_engine.hpp"
#include "support/catch.hpp"

#include <atomic>
#include <thread>
#include <vector>

using namespace cujitsu::softgpu;
using namespace cujitsu::softgpu::api;

namespace {

StreamHandle make_stream(unsigned flags = 0) {
  StreamHandle stream = nullptr;
  REQUIRE(cuStreamCreate(&stream, flags) == 0);
  return stream;
}

EventHandle make_event(unsigned flags = 0) {
  EventHandle event = nullptr;
  REQUIRE(cuEventCreate(&event, flags) == 0);
  return event;
}

}  // namespace

TEST_CASE("work in a stream runs after the call returns, and in order", "[softgpu][api]") {
  fake::Context context;
  const auto stream = make_stream(1);
  DevicePointer memory = 0;
  REQUIRE(cuMemAlloc_v2(&memory, 64) == 0);
  fake::gate().close();
  REQUIRE(context.launch("hold", stream) == 0);
  fake::gate().wait_until_reached();
  CHECK(cuStreamQuery(stream) == 600);
  REQUIRE(context.store(memory, 1, stream) == 0);
  REQUIRE(context.store(memory, 2, stream) == 0);
  CHECK(cuStreamQuery(nullptr) == 0);  // the stream is non-blocking
  fake::gate().open();
  REQUIRE(cuStreamSynchronize(stream) == 0);
  CHECK(cuStreamQuery(stream) == 0);
  CHECK(*reinterpret_cast<unsigned*>(memory) == 2);
  CHECK(cuStreamDestroy_v2(stream) == 0);
  CHECK(cuStreamDestroy_v2(stream) == 400);
  CHECK(cuStreamSynchronize(stream) == 400);
}

TEST_CASE("the legacy stream waits for blocking streams, and they for it", "[softgpu][api]") {
  fake::Context context;
  const auto blocking = make_stream(0);
  const auto free_running = make_stream(1);
  DevicePointer memory = 0;
  REQUIRE(cuMemAlloc_v2(&memory, 64) == 0);
  REQUIRE(cuMemsetD8_v2(memory, 0, 64) == 0);
  REQUIRE(cuCtxSynchronize() == 0);
  fake::gate().close();
  REQUIRE(context.launch("hold", blocking) == 0);
  fake::gate().wait_until_reached();
  REQUIRE(context.store(memory, 1, nullptr) == 0);
  REQUIRE(context.store(memory + 4, 2, blocking) == 0);
  REQUIRE(context.store(memory + 8, 3, free_running) == 0);
  REQUIRE(cuStreamSynchronize(free_running) == 0);
  const auto* values = reinterpret_cast<volatile unsigned*>(memory);
  CHECK(values[2] == 3);
  CHECK(values[0] == 0);
  CHECK(values[1] == 0);
  CHECK(cuStreamQuery(nullptr) == 600);
  CHECK(cuStreamQuery(reinterpret_cast<StreamHandle>(1)) == 600);
  CHECK(cuStreamQuery(reinterpret_cast<StreamHandle>(2)) == 0);  // nothing is in it itself
  fake::gate().open();
  REQUIRE(cuCtxSynchronize() == 0);
  CHECK(values[0] == 1);
  CHECK(values[1] == 2);
}

TEST_CASE("events mark places, measure and order", "[softgpu][api]") {
  fake::Context context;
  const auto one = make_stream(1), two = make_stream(1);
  const auto start = make_event(), end = make_event(), quiet = make_event(2);
  DevicePointer memory = 0;
  REQUIRE(cuMemAlloc_v2(&memory, 64) == 0);
  float milliseconds = -1;
  CHECK(cuEventQuery(start) == 0);
  CHECK(cuEventElapsedTime_v2(&milliseconds, start, end) == 400);
  fake::gate().close();
  REQUIRE(cuEventRecord(start, one) == 0);
  REQUIRE(context.launch("hold", one) == 0);
  REQUIRE(context.store(memory, 5, one) == 0);
  REQUIRE(cuEventRecord(end, one) == 0);
  REQUIRE(cuStreamWaitEvent(two, end, 0) == 0);
  REQUIRE(context.store(memory, 6, two) == 0);
  CHECK(cuEventQuery(end) == 600);
  CHECK(cuEventElapsedTime_v2(&milliseconds, start, end) == 600);
  fake::gate().open();
  REQUIRE(cuEventSynchronize(end) == 0);
  REQUIRE(cuStreamSynchronize(two) == 0);
  CHECK(*reinterpret_cast<unsigned*>(memory) == 6);
  CHECK(cuEventElapsedTime_v2(&milliseconds, start, end) == 0);
  CHECK(milliseconds >= 0);
  REQUIRE(cuEventRecord(quiet, one) == 0);
  CHECK(cuEventElapsedTime(&milliseconds, start, quiet) == 400);
  CHECK(cuEventDestroy_v2(end) == 0);
  CHECK(cuEventQuery(end) == 400);
  CHECK(cuEventQuery(reinterpret_cast<EventHandle>(one)) == 400);
}

TEST_CASE("host functions run in order and may not call the driver", "[softgpu][api]") {
  fake::Context context;
  const auto stream = make_stream();
  struct Seen {
    int code = -1;
    int callbacks = 0;
  } seen;
  REQUIRE(
      cuLaunchHostFunc(stream, [](void* data) { static_cast<Seen*>(data)->code = cuCtxSynchronize(); }, &seen) == 0);
  REQUIRE(cuStreamAddCallback(
              stream,
              [](StreamHandle, Result status, void* data) { static_cast<Seen*>(data)->callbacks += status == 0; },
              &seen, 0) == 0);
  REQUIRE(cuStreamSynchronize(stream) == 0);
  CHECK(seen.code == 800);
  CHECK(seen.callbacks == 1);
}

TEST_CASE("a pageable source is read at once, a page-locked one when its turn comes", "[softgpu][api]") {
  fake::Context context;
  const auto stream = make_stream(1);
  DevicePointer memory = 0;
  REQUIRE(cuMemAlloc_v2(&memory, 64) == 0);
  void* pinned = nullptr;
  REQUIRE(cuMemHostAlloc(&pinned, 64, 0) == 0);
  auto* words = static_cast<unsigned*>(pinned);
  words[0] = 1;
  unsigned pageable = 1;
  fake::gate().close();
  REQUIRE(context.launch("hold", stream) == 0);
  REQUIRE(cuMemcpyHtoDAsync_v2(memory, &pageable, 4, stream) == 0);
  REQUIRE(cuMemcpyHtoDAsync_v2(memory + 4, pinned, 4, stream) == 0);
  REQUIRE(cuMemcpyDtoHAsync_v2(words + 1, memory, 4, stream) == 0);
  pageable = 2;
  words[0] = 2;
  fake::gate().open();
  unsigned result[2]{};
  REQUIRE(cuMemcpyDtoHAsync_v2(result, memory, 8, stream) == 0);  // done when it returns
  CHECK(result[0] == 1);
  CHECK(result[1] == 2);
  CHECK(words[1] == 1);
  CHECK(cuMemFreeHost(pinned) == 0);
}

TEST_CASE("many threads with their own streams finish all their work", "[softgpu][api]") {
  fake::Context context;
  DevicePointer memory = 0;
  REQUIRE(cuMemAlloc_v2(&memory, 64) == 0);
  context.kernel("store");
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      cuCtxSetCurrent(context.handle);
      for (unsigned i = 0; i < 200; ++i) {
        const auto stream = reinterpret_cast<StreamHandle>(std::uintptr_t{i % 2 == 0 ? 2u : 0u});
        failures += context.store(memory + 4 * t, i, stream) != 0;
        if (i % 10 == 0) failures += cuStreamSynchronize(stream) != 0;
      }
      failures += cuCtxSynchronize() != 0;
    });
  for (auto& thread : threads) thread.join();
  CHECK(failures == 0);
  for (unsigned t = 0; t < 4; ++t) CHECK(reinterpret_cast<unsigned*>(memory)[t] == 199);
}

TEST_CASE("the default streams have handles of their own, which are taken wherever a stream is", "[softgpu][api]") {
  fake::Context context;
  DevicePointer memory = 0;
  REQUIRE(cuMemAlloc_v2(&memory, 256) == 0);
  DevicePointer managed = 0;
  REQUIRE(cuMemAllocManaged(&managed, 4096, 1) == 0);
  const auto event = make_event();
  const auto kernel = context.kernel("store");
  for (const std::uintptr_t number : {0u, 1u, 2u}) {
    CAPTURE(number);
    const auto stream = reinterpret_cast<StreamHandle>(number);
    ContextHandle owner = nullptr;
    CHECK(cuStreamGetCtx(stream, &owner) == 0);
    CHECK(owner == context.handle);
    int priority = 7, status = -1;
    unsigned flags = 7;
    unsigned long long id = 0;
    DeviceHandle device = -1;
    CHECK(cuStreamGetPriority(stream, &priority) == 0);
    CHECK(priority == 0);
    CHECK(cuStreamGetFlags(stream, &flags) == 0);
    CHECK(flags == 0);
    CHECK(cuStreamGetId(stream, &id) == 0);
    CHECK(cuStreamGetDevice(stream, &device) == 0);
    CHECK(device == 0);
    CHECK(cuStreamIsCapturing(stream, &status) == 0);
    CHECK(status == 0);
    unsigned value = 40 + static_cast<unsigned>(number), back = 0;
    void* parameters[] = {&memory, &value};
    CHECK(cuLaunchKernel(kernel, 1, 1, 1, 1, 1, 1, 0, stream, parameters, nullptr) == 0);
    CHECK(cuMemcpyDtoHAsync_v2(&back, memory, 4, stream) == 0);
    CHECK(back == value);
    CHECK(cuMemcpyHtoDAsync_v2(memory + 4, &value, 4, stream) == 0);
    CHECK(cuMemcpyDtoDAsync_v2(memory + 8, memory + 4, 4, stream) == 0);
    CHECK(cuMemcpyAsync(memory + 12, memory + 8, 4, stream) == 0);
    CHECK(cuMemsetD32Async(memory + 16, value + 1, 1, stream) == 0);
    int calls = 0;
    CHECK(cuLaunchHostFunc(stream, [](void* data) { ++*static_cast<int*>(data); }, &calls) == 0);
    CHECK(cuStreamAddCallback(
              stream,
              [](StreamHandle called, Result, void* data) {
                *static_cast<int*>(data) += 10 + static_cast<int>(reinterpret_cast<std::uintptr_t>(called));
              },
              &calls, 0) == 0);
    CHECK(cuEventRecord(event, stream) == 0);
    CHECK(cuStreamWaitEvent(stream, event, 0) == 0);
    CHECK(cuMemPrefetchAsync(managed, 4096, 0, stream) == 0);
    CHECK(cuStreamAttachMemAsync(stream, managed, 0, 4) == 0);
    DevicePointer pooled = 0;
    CHECK(cuMemAllocAsync(&pooled, 64, stream) == 0);
    CHECK(cuMemFreeAsync(pooled, stream) == 0);
    CHECK(cuStreamSynchronize(stream) == 0);
    CHECK(cuStreamQuery(stream) == 0);
    CHECK(calls == 11 + static_cast<int>(number));
    CHECK(reinterpret_cast<volatile unsigned*>(memory)[3] == value);
    CHECK(reinterpret_cast<volatile unsigned*>(memory)[4] == value + 1);
    CHECK(cuStreamDestroy_v2(stream) == 400);

    GraphHandle graph = nullptr;
    GraphExecHandle exec = nullptr;
    REQUIRE(cuGraphCreate(&graph, 0) == 0);
    REQUIRE(cuGraphInstantiateWithFlags(&exec, graph, 0) == 0);
    CHECK(cuGraphUpload(exec, stream) == 0);
    CHECK(cuGraphLaunch(exec, stream) == 0);
    const bool per_thread = number == 2;
    CHECK(cuStreamBeginCapture_v2(stream, 0) == (per_thread ? 0 : 900));
    CHECK(cuStreamEndCapture(stream, &graph) == (per_thread ? 0 : 401));
  }
  // By the _ptsz entry points stream 0 is the thread's own.
  unsigned long long own = 0, by_twin = 0;
  CHECK(cuStreamGetId(reinterpret_cast<StreamHandle>(2), &own) == 0);
  CHECK(cuStreamGetId_ptsz(nullptr, &by_twin) == 0);
  CHECK(own == by_twin);
}
