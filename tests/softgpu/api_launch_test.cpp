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
  attribute.id = 6;
  CHECK(cuLaunchKernelEx(&config, context.kernel("exact"), nullptr, nullptr) == 801);
}
