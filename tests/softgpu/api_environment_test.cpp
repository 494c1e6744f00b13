// SPDX-License-Identifier: MIT
// What cuInit reads from the environment. Each case needs a process of its own: the test program, run again.
#include "api_fake_engine.hpp"
#include "softgpu/api/launch_queue.hpp"
#include "softgpu/api/objects.hpp"
#include "softgpu/engine/checks/written_bytes.hpp"
#include "softgpu/engine/settings.hpp"
#include "support/catch.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>
#include <vector>

using namespace cujitsu::softgpu;
using namespace cujitsu::softgpu::api;
using Catch::Matchers::ContainsSubstring;

namespace {

/// Runs one hidden test case with one variable set; whether it passed.
bool passes(const char* test, const char* variable, const char* value) {
  const auto child = ::fork();
  if (child == 0) {
    ::setenv(variable, value, 1);
    ::execl("/proc/self/exe", "test", test, static_cast<char*>(nullptr));
    ::_exit(127);
  }
  int status = -1;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace

TEST_CASE("child: memory of 64 MiB", "[.]") {
  const fake::Context context;
  std::size_t bytes = 0;
  REQUIRE(cuDeviceTotalMem_v2(&bytes, 0) == 0);
  CHECK(bytes == std::size_t{64} << 20);
  DevicePointer memory = 0;
  CHECK(cuMemAlloc_v2(&memory, std::size_t{65} << 20) == 2);
  CHECK(cuMemAlloc_v2(&memory, std::size_t{32} << 20) == 0);
}

TEST_CASE("child: three devices", "[.]") {
  REQUIRE(cuInit(0) == 0);
  int count = 0, can = 7;
  REQUIRE(cuDeviceGetCount(&count) == 0);
  REQUIRE(count == 3);
  CHECK(cuDeviceCanAccessPeer(&can, 0, 1) == 0);
  CHECK(can == 0);
  ContextHandle first = nullptr, second = nullptr;
  REQUIRE(cuDevicePrimaryCtxRetain(&first, 0) == 0);
  REQUIRE(cuDevicePrimaryCtxRetain(&second, 2) == 0);
  DevicePointer one = 0, other = 0;
  REQUIRE(cuCtxSetCurrent(first) == 0);
  REQUIRE(cuMemAlloc_v2(&one, 4) == 0);
  REQUIRE(cuMemsetD32_v2(one, 77, 1) == 0);
  CHECK(cuCtxEnablePeerAccess(second, 0) == 217);
  CHECK(cuCtxDisablePeerAccess(second) == 705);
  REQUIRE(cuCtxSetCurrent(second) == 0);
  REQUIRE(cuMemAlloc_v2(&other, 4) == 0);
  REQUIRE(cuCtxSynchronize_v2(first) == 0);
  REQUIRE(cuMemcpyPeer(other, second, one, first, 4) == 0);
  unsigned value = 0;
  REQUIRE(cuMemcpyDtoH_v2(&value, other, 4) == 0);
  CHECK(value == 77);

  // A copy between devices comes after the work of both, and before what follows on both.
  fake::gate().close();
  REQUIRE(cuCtxSetCurrent(first) == 0);
  REQUIRE(cuLaunchHostFunc(nullptr, [](void*) { fake::gate().pass(); }, nullptr) == 0);
  REQUIRE(cuMemsetD32_v2(one, 78, 1) == 0);
  REQUIRE(cuCtxSetCurrent(second) == 0);
  fake::gate().wait_until_reached();
  REQUIRE(cuMemcpyDtoD_v2(other, one, 4) == 0);
  REQUIRE(cuCtxSetCurrent(first) == 0);
  REQUIRE(cuMemsetD32_v2(one, 79, 1) == 0);
  fake::gate().open();
  REQUIRE(cuCtxSetCurrent(second) == 0);
  REQUIRE(cuMemcpyDtoH_v2(&value, other, 4) == 0);
  CHECK(value == 78);
  REQUIRE(cuMemcpyDtoH_v2(&value, one, 4) == 0);
  CHECK(value == 79);
  int ordinal = -1;
  CHECK(cuPointerGetAttribute(&ordinal, 9, other) == 0);
  CHECK(ordinal == 2);
}

TEST_CASE("child: cuInit refuses", "[.]") {
  int count = 0;
  CHECK(cuDeviceGetCount(&count) == 3);
  CHECK(cuInit(0) == 1);
  CHECK_THAT(fake::new_log(), ContainsSubstring("CUJITSU_SOFTGPU_"));
  CHECK(cuDeviceGetCount(&count) == 3);
}

TEST_CASE("child: races and barriers are checked", "[.]") {
  REQUIRE(cuInit(0) == 0);
  CHECK(settings().checks.races);
  CHECK(settings().checks.barriers);
  CHECK_FALSE(settings().checks.uninitialized);
  CHECK(devices().front()->memory.written_bytes() == nullptr);
}

TEST_CASE("child: everything is checked", "[.]") {
  REQUIRE(cuInit(0) == 0);
  CHECK(settings().checks.races);
  CHECK(settings().checks.barriers);
  CHECK(settings().checks.uninitialized);
  CHECK_FALSE(settings().schedule);
}

TEST_CASE("child: nothing more is checked", "[.]") {
  REQUIRE(cuInit(0) == 0);
  CHECK_FALSE(settings().checks.any());
}

TEST_CASE("child: the schedule has the seed 0", "[.]") {
  REQUIRE(cuInit(0) == 0);
  CHECK(settings().schedule == std::uint64_t{0});
}

TEST_CASE("child: what hosts write is written", "[.]") {
  const fake::Context context;
  DevicePointer memory = 0, managed = 0;
  REQUIRE(cuMemAlloc_v2(&memory, 256) == 0);
  REQUIRE(cuMemAllocManaged(&managed, 256, 1) == 0);
  const auto unwritten = [](DevicePointer address) {
    return devices().front()->memory.written_bytes()->unwritten(address, 64);
  };
  CHECK(unwritten(memory) == ~0ull);
  CHECK(unwritten(managed) == 0);
  const unsigned value = 1;
  REQUIRE(cuMemcpyHtoD_v2(memory + 4, &value, 4) == 0);
  CHECK(unwritten(memory) == ~0xf0ull);
  REQUIRE(cuMemsetD2D8_v2(memory + 16, 16, 0, 2, 2) == 0);
  REQUIRE(cuCtxSynchronize() == 0);
  CHECK(unwritten(memory) == ~0x3000300f0ull);
  REQUIRE(cuMemcpyDtoD_v2(memory + 40, managed, 24) == 0);
  REQUIRE(cuCtxSynchronize() == 0);
  CHECK(unwritten(memory + 40) == ~0ull << 24);
  REQUIRE(cuMemFree_v2(memory) == 0);
}

TEST_CASE("child: ends with work pending", "[.]") {
  static auto* context = new fake::Context;  // static: for the leak sanitizer it is not lost
  fake::gate().close();
  REQUIRE(context->launch("hold") == 0);
  REQUIRE(context->launch("print") == 0);
  fake::gate().wait_until_reached();
}

TEST_CASE("child: ends with a full queue", "[.]") {
  static std::thread launcher;
  static int answer = -1;
  static struct Joiner {
    // Made before cuInit, so that this runs after the driver has learned that the process ends.
    ~Joiner() {
      launcher.join();
      if (answer != result::deinitialized) ::_exit(3);
    }
  } const joiner;
  static const auto* const context = new fake::Context;  // never destroyed, and no leak
  fake::gate().close();
  REQUIRE(cuLaunchHostFunc(nullptr, [](void*) { fake::gate().pass(); }, nullptr) == 0);
  for (std::size_t i = 1; i < launch_queue_capacity; ++i)
    REQUIRE(cuLaunchHostFunc(nullptr, [](void*) {}, nullptr) == 0);
  launcher = std::thread([] {
    if (cuCtxSetCurrent(context->handle) == 0) answer = cuLaunchHostFunc(nullptr, [](void*) {}, nullptr);
  });
  wait_until_launchers_wait(1);
}

TEST_CASE("cuInit takes its settings from the environment", "[softgpu][api]") {
  CHECK(passes("child: memory of 64 MiB", "CUJITSU_SOFTGPU_MEMORY", "64M"));
  CHECK(passes("child: memory of 64 MiB", "CUJITSU_SOFTGPU_MEMORY", "65536k"));
  CHECK(passes("child: three devices", "CUJITSU_SOFTGPU_DEVICES", "3"));
  CHECK(passes("child: cuInit refuses", "CUJITSU_SOFTGPU_MEMORY", "64 apples"));
  CHECK(passes("child: cuInit refuses", "CUJITSU_SOFTGPU_MEMORY", "1K"));
  CHECK(passes("child: cuInit refuses", "CUJITSU_SOFTGPU_DEVICES", "0"));
  CHECK(passes("child: cuInit refuses", "CUJITSU_SOFTGPU_THREADS", "-1"));
  CHECK(passes("child: cuInit refuses", "CUJITSU_SOFTGPU_ISA", "v9"));
}

TEST_CASE("cuInit takes the checks and the schedule from the environment", "[softgpu][api]") {
  CHECK(passes("child: races and barriers are checked", "CUJITSU_SOFTGPU_CHECK", "races, barriers"));
  CHECK(passes("child: everything is checked", "CUJITSU_SOFTGPU_CHECK", "all"));
  CHECK(passes("child: everything is checked", "CUJITSU_SOFTGPU_CHECK", "uninitialized,races,barriers,deadlocks"));
  CHECK(passes("child: nothing more is checked", "CUJITSU_SOFTGPU_CHECK", ""));
  CHECK(passes("child: nothing more is checked", "CUJITSU_SOFTGPU_CHECK", "deadlocks"));
  CHECK(passes("child: cuInit refuses", "CUJITSU_SOFTGPU_CHECK", "race"));
  CHECK(passes("child: the schedule has the seed 0", "CUJITSU_SOFTGPU_SCHEDULE", "0"));
  CHECK(passes("child: cuInit refuses", "CUJITSU_SOFTGPU_SCHEDULE", "0x1"));
  CHECK(passes("child: cuInit refuses", "CUJITSU_SOFTGPU_SCHEDULE", "18446744073709551616"));
  CHECK(passes("child: what hosts write is written", "CUJITSU_SOFTGPU_CHECK", "uninitialized"));
}

TEST_CASE("a process ends although work is pending", "[softgpu][api]") {
  CHECK(passes("child: ends with work pending", "CUJITSU_SOFTGPU_DEVICES", "1"));
  CHECK(passes("child: ends with a full queue", "CUJITSU_SOFTGPU_DEVICES", "1"));
}
