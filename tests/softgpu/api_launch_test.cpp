// SPDX-License-Identifier: MIT
#include "api_fake_engine.hpp"
#include "support/catch.hpp"

using namespace cujitsu::softgpu;
using namespace cujitsu::softgpu::api;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("a launch beyond the limits is refused at once, and harmless", "[softgpu][api]") {
  fake::Context context;
  const auto shape = [&](unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz) {
    return cuLaunchKernel(context.kernel("print"), gx, gy, gz, bx, by, bz, 0, nullptr, nullptr, nullptr);
  };
  CHECK(shape(1, 1, 1, 1025, 1, 1) == 1);
  CHECK(shape(1, 1, 1, 64, 32, 1) == 1);
  CHECK(shape(1, 1, 1, 1, 1, 65) == 1);
  CHECK(shape(0, 1, 1, 1, 1, 1) == 1);
  CHECK(shape(1, 1, 1, 1, 0, 1) == 1);
  CHECK(shape(1, 65536, 1, 1, 1, 1) == 1);
  CHECK(shape(1, 1, 65536, 1, 1, 1) == 1);
  CHECK(shape(0x80000000, 1, 1, 1, 1, 1) == 1);
  CHECK(context.launch("bounded", nullptr, 1, 65) == 1);
  CHECK(context.launch("bounded", nullptr, 1, 64) == 0);
  CHECK(context.launch("exact", nullptr, 1, 31) == 1);
  CHECK(context.launch("exact", nullptr, 1, 32) == 0);
  CHECK(context.launch("heavy", nullptr, 1, 1024) == 701);
  CHECK(context.launch("heavy", nullptr, 1, 384) == 0);
  CHECK(context.launch("large") == 0);
  CHECK(context.launch("large", nullptr, 1, 32, 1) == 1);
  CHECK(context.launch("print", nullptr, 1, 32, 49153) == 1);
  CHECK(cuFuncSetAttribute(context.kernel("print"), 8, 100000) == 0);
  CHECK(context.launch("print", nullptr, 1, 32, 100000) == 0);
  CHECK(cuFuncSetAttribute(context.kernel("print"), 8, 166913) == 1);
  CHECK(cuFuncSetAttribute(context.kernel("large"), 8, 120000) == 1);
  fake::new_log();
  CHECK(context.launch("refused") == 801);
  CHECK_THAT(fake::new_log(), ContainsSubstring("opcode 'wgmma' (PTX line 212) is not supported"));
  CHECK(context.launch("store") == 1);  // no parameters
  CHECK(cuLaunchKernel(nullptr, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr) == 400);
  CHECK(cuCtxSynchronize() == 0);
}

TEST_CASE("parameters come by pointers or in one buffer", "[softgpu][api]") {
  fake::Context context;
  DevicePointer memory = 0;
  REQUIRE(cuMemAlloc_v2(&memory, 64) == 0);
  REQUIRE(context.store(memory, 41) == 0);
  struct {
    DevicePointer address;
    unsigned value;
  } buffer{memory + 4, 42};
  std::size_t bytes = 12;
  void* extra[] = {reinterpret_cast<void*>(1), &buffer, reinterpret_cast<void*>(2), &bytes, nullptr};
  REQUIRE(cuLaunchKernel(context.kernel("store"), 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, extra) == 0);
  bytes = 8;
  CHECK(cuLaunchKernel(context.kernel("store"), 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, extra) == 1);
  bytes = sizeof buffer;
  CHECK(cuLaunchKernel(context.kernel("store"), 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, extra) == 0);
  REQUIRE(cuCtxSynchronize() == 0);
  CHECK(reinterpret_cast<unsigned*>(memory)[0] == 41);
  CHECK(reinterpret_cast<unsigned*>(memory)[1] == 42);
}

TEST_CASE("occupancy is that of compute capability 8.0", "[softgpu][api]") {
  fake::Context context;
  int blocks = 0, value = 0;
  const auto active = [&](const char* name, int threads, std::size_t shared) {
    REQUIRE(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, context.kernel(name), threads, shared) == 0);
    return blocks;
  };
  CHECK(active("print", 32, 0) == 32);
  CHECK(active("print", 1024, 0) == 2);
  CHECK(active("print", 256, 40000) == 4);
  CHECK(active("heavy", 384, 0) == 1);
  CHECK(active("heavy", 128, 0) == 3);
  CHECK(active("heavy", 1024, 0) == 0);
  CHECK(active("print", 1025, 0) == 0);
  CHECK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, context.kernel("print"), 0, 0) == 1);
  REQUIRE(cuFuncGetAttribute(&value, 0, context.kernel("heavy")) == 0);
  CHECK(value == 384);
  int grid = 0, block = 0;
  REQUIRE(cuOccupancyMaxPotentialBlockSize(&grid, &block, context.kernel("print"), nullptr, 0, 0) == 0);
  CHECK(block == 1024);
  CHECK(grid == 16);
}

TEST_CASE("a cooperative grid must be resident as a whole", "[softgpu][api]") {
  fake::Context context;
  const auto cooperative = [&](unsigned grid) {
    return cuLaunchCooperativeKernel(context.kernel("exact"), grid, 1, 1, 32, 1, 1, 0, nullptr, nullptr);
  };
  CHECK(cooperative(8 * 32) == 0);
  REQUIRE(cuCtxSynchronize() == 0);
  CHECK(fake::last_request().cooperative);
  CHECK(cooperative(8 * 32 + 1) == 720);
  LaunchAttribute attribute{};
  LaunchConfig config{1, 1, 1, 32, 1, 1, 0, nullptr, &attribute, 1};
  attribute.id = 2;
  attribute.value.cooperative = 1;
  CHECK(cuLaunchKernelEx(&config, context.kernel("exact"), nullptr, nullptr) == 0);
  attribute.id = 4;
  attribute.value.cluster = {2, 1, 1};
  CHECK(cuLaunchKernelEx(&config, context.kernel("exact"), nullptr, nullptr) == 801);
}

TEST_CASE("launch attributes are met, hints, or refused", "[softgpu][api]") {
  fake::Context context;
  EventHandle event = nullptr, timed = nullptr;
  REQUIRE(cuEventCreate(&event, 2) == 0);
  REQUIRE(cuEventCreate(&timed, 0) == 0);
  const auto answer = [&](int id, auto&& set) {
    LaunchAttribute attribute{};
    attribute.id = id;
    set(attribute.value);
    const LaunchConfig config{1, 1, 1, 32, 1, 1, 0, nullptr, &attribute, 1};
    return cuLaunchKernelEx(&config, context.kernel("exact"), nullptr, nullptr);
  };
  using Value = LaunchAttributeValue;
  CHECK(answer(0, [](Value&) {}) == 0);
  CHECK(answer(3, [](Value& value) { value.priority = 1; }) == 0);
  CHECK(answer(4, [](Value& value) { value.cluster = {1, 1, 1}; }) == 0);
  CHECK(answer(4, [](Value& value) { value.cluster = {1, 2, 1}; }) == 801);
  CHECK(answer(6, [](Value& value) { value.priority = 1; }) == 0);
  CHECK(answer(7, [&](Value& value) { value.completion = {event, 0}; }) == 801);
  CHECK(answer(8, [](Value& value) { value.priority = -3; }) == 0);
  CHECK(answer(9, [](Value& value) { value.domains = {0, 0}; }) == 0);
  CHECK(answer(9, [](Value& value) { value.domains = {0, 1}; }) == 1);
  CHECK(answer(10, [](Value& value) { value.domain = 1; }) == 0);
  CHECK(answer(10, [](Value& value) { value.domain = 2; }) == 1);
  CHECK(answer(11, [](Value& value) { value.cluster = {4, 1, 1}; }) == 801);
  CHECK(answer(12, [&](Value& value) { value.completion = {timed, 0}; }) == 1);
  CHECK(answer(12, [&](Value& value) { value.completion = {event, 1}; }) == 1);
  CHECK(answer(12, [](Value& value) { value.completion = {nullptr, 0}; }) == 400);
  CHECK(answer(13, [](Value& value) { value.priority = 1; }) == 801);
  CHECK(answer(14, [](Value& value) { value.carveout = 50; }) == 0);
  CHECK(answer(14, [](Value& value) { value.carveout = 101; }) == 1);
  CHECK(answer(99, [](Value&) {}) == 801);

  fake::gate().close();
  REQUIRE(context.launch("hold") == 0);
  CHECK(answer(12, [&](Value& value) { value.completion = {event, 0}; }) == 0);
  CHECK(cuEventQuery(event) == 600);
  fake::gate().open();
  REQUIRE(cuEventSynchronize(event) == 0);
  CHECK(cuEventQuery(event) == 0);
}

TEST_CASE("the best block size knows a kernel's shared memory, given or asked of a function", "[softgpu][api]") {
  fake::Context context;
  int grid = 0, block = 0;
  const auto function = context.kernel("print");
  // 2048 threads of 2 KiB for each warp do not fit: the more warps, the more shared memory.
  const BlockToShared linear = [](int threads) { return static_cast<std::size_t>(threads) * 100; };
  REQUIRE(cuOccupancyMaxPotentialBlockSize(&grid, &block, function, linear, 0, 0) == 0);
  CHECK(block == 544);  // 3 of them, 1632 threads: 163 200 bytes and 3 × 1 KiB of the 164 KiB
  CHECK(grid == 24);
  REQUIRE(cuOccupancyMaxPotentialBlockSize(&grid, &block, function, nullptr, 100000, 0) == 0);
  CHECK(block == 1024);
  CHECK(grid == 8);
  REQUIRE(cuOccupancyMaxPotentialBlockSize(&grid, &block, function, nullptr, 0, 96) == 0);
  CHECK(block == 64);  // 32 of them are 2048 threads, 21 of 96 are less
  CHECK(grid == 32 * 8);
  CHECK(cuOccupancyMaxPotentialBlockSize(&grid, &block, function, nullptr, 200000, 0) == 1);
  CHECK(cuOccupancyMaxPotentialBlockSize(nullptr, &block, function, nullptr, 0, 0) == 1);
  CHECK(cuOccupancyMaxPotentialBlockSizeWithFlags(&grid, &block, function, linear, 0, 0, 2) == 1);
}
