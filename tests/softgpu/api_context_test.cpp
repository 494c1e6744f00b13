// SPDX-License-Identifier: MIT
#include "api_fake_engine.hpp"
#include "support/catch.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

using namespace cujitsu::softgpu;
using namespace cujitsu::softgpu::api;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("the device says what it is", "[softgpu][api]") {
  REQUIRE(cuInit(0) == 0);
  char name[100];
  REQUIRE(cuDeviceGetName(name, sizeof name, 0) == 0);
  CHECK_THAT(std::string(name), ContainsSubstring("CUDA software device ("));
  int value = 0;
  for (const auto& [attribute, expected] :
       {std::pair{75, 8}, {76, 0}, {16, 8}, {97, 166912}, {10, 32}, {95, 1}, {120, 0}}) {
    REQUIRE(cuDeviceGetAttribute(&value, attribute, 0) == 0);
    CHECK(value == expected);
  }
  CHECK(cuDeviceGetAttribute(&value, 10000, 0) == 1);
  CHECK(cuDeviceGetAttribute(&value, 1, 77) == 101);
  CHECK(cuDeviceGetName(nullptr, 3, 0) == 1);
  char bus[20];
  REQUIRE(cuDeviceGetPCIBusId(bus, sizeof bus, 0) == 0);
  DeviceHandle device = 7;
  CHECK(cuDeviceGetByPCIBusId(&device, bus) == 0);
  CHECK(device == 0);
}

TEST_CASE("a primary context lives as long as it is retained", "[softgpu][api]") {
  REQUIRE(cuInit(0) == 0);
  ContextHandle first = nullptr, second = nullptr;
  REQUIRE(cuDevicePrimaryCtxRetain(&first, 0) == 0);
  REQUIRE(cuDevicePrimaryCtxRetain(&second, 0) == 0);
  CHECK(first == second);
  CHECK(cuDevicePrimaryCtxRelease_v2(0) == 0);
  CHECK(cuCtxSetCurrent(first) == 0);
  CHECK(cuCtxSynchronize() == 0);
  CHECK(cuDevicePrimaryCtxRelease_v2(0) == 0);
  CHECK(cuDevicePrimaryCtxRelease_v2(0) == 201);
  CHECK(cuCtxSynchronize() == 709);  // current, but gone
  CHECK(cuCtxSetCurrent(nullptr) == 0);
  CHECK(cuCtxSynchronize() == 201);
  CHECK(cuCtxSetCurrent(reinterpret_cast<ContextHandle>(0x1234)) == 201);
}

TEST_CASE("contexts are stacked for each thread", "[softgpu][api]") {
  const fake::Context primary;
  ContextHandle created = nullptr, current = nullptr;
  REQUIRE(cuCtxCreate_v4(&created, nullptr, 0, 0) == 0);
  REQUIRE(cuCtxGetCurrent(&current) == 0);
  CHECK(current == created);
  unsigned version = 0;
  CHECK(cuCtxGetApiVersion(created, &version) == 0);
  CHECK(version == 3020);
  DevicePointer memory = 0;
  REQUIRE(cuMemAlloc_v2(&memory, 100) == 0);
  CHECK(cuCtxDestroy_v2(created) == 0);
  REQUIRE(cuCtxGetCurrent(&current) == 0);
  CHECK(current == primary.handle);
  CHECK(cuMemFree_v2(memory) == 1);  // it went with its context
  CHECK(cuCtxDestroy_v2(created) == 709);
  CHECK(cuCtxDestroy_v2(primary.handle) == 201);
}

TEST_CASE("limits are kept, and unknown ones refused", "[softgpu][api]") {
  const fake::Context context;
  std::size_t value = 0;
  CHECK(cuCtxGetLimit(&value, 0) == 0);
  CHECK(value == 1024);
  CHECK(cuCtxSetLimit(2, 1 << 20) == 0);
  CHECK(cuCtxGetLimit(&value, 2) == 0);
  CHECK(value == 1 << 20);
  CHECK(cuCtxGetLimit(&value, 3) == 215);
  CHECK(cuCtxGetLimit(&value, 99) == 1);
}

TEST_CASE("a fault is sticky until the context is gone, and its message is in the log", "[softgpu][api]") {
  fake::Context context;
  DevicePointer memory = 0;
  REQUIRE(cuMemAlloc_v2(&memory, 64) == 0);
  fake::new_log();
  REQUIRE(context.launch("fault") == 0);
  CHECK(cuCtxSynchronize() == 700);
  CHECK_THAT(fake::new_log(), ContainsSubstring("kernel 'fault', block (0, 0, 0): an illegal address"));
  CHECK(cuCtxSynchronize() == 700);
  CHECK(cuMemAlloc_v2(&memory, 64) == 700);
  CHECK(cuMemFree_v2(memory) == 700);
  CHECK(cuModuleLoadData(&context.module, fake::ptx) == 700);
  CHECK(cuStreamSynchronize(nullptr) == 700);
  REQUIRE(cuDevicePrimaryCtxReset_v2(0) == 0);
  REQUIRE(cuDevicePrimaryCtxRetain(&context.handle, 0) == 0);
  REQUIRE(cuCtxSetCurrent(context.handle) == 0);
  CHECK(cuMemAlloc_v2(&memory, 64) == 0);
}

TEST_CASE("in a forked child every call says so", "[softgpu][api]") {
  const fake::Context context;
  const auto child = fork();
  if (child == 0) {
    std::size_t bytes = 0;
    int count = 0;
    ::_exit(cuMemGetInfo_v2(&bytes, &bytes) == 3 && cuDeviceGetCount(&count) == 3 && cuInit(0) == 3 ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE("the log keeps what fits and hands it out once", "[softgpu][api]") {
  unsigned iterator = 0;
  REQUIRE(cuLogsCurrent(&iterator, 0) == 0);
  CHECK(cuDeviceGetName(nullptr, 0, 0) != 0);
  char buffer[300];
  std::size_t bytes = sizeof buffer;
  REQUIRE(cuLogsDumpToMemory(&iterator, buffer, &bytes, 0) == 0);
  CHECK_THAT(std::string(buffer), ContainsSubstring("cuDeviceGetName"));
  CHECK(bytes == std::strlen(buffer));
  bytes = sizeof buffer;
  CHECK(cuLogsDumpToMemory(&iterator, buffer, &bytes, 0) == 0);
  CHECK(bytes == 0);
  REQUIRE(cuDeviceGetName(nullptr, 0, 0) != 0);
  bytes = 3;
  CHECK(cuLogsDumpToMemory(&iterator, buffer, &bytes, 0) == 1);
  for (int i = 0; i < 2000; ++i) (void)cuDeviceGetName(nullptr, 0, 0);
  std::string large(25600, '\0');
  bytes = large.size();
  REQUIRE(cuLogsDumpToMemory(nullptr, large.data(), &bytes, 0) == 0);
  CHECK(bytes > 20000);
  CHECK(bytes < 25600);
}
