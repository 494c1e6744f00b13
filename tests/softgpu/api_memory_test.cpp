// SPDX-License-Identifier: MIT
#include "api_fake_engine.hpp"
#include "support/catch.hpp"

#include <numeric>
#include <vector>

using namespace cujitsu::softgpu;
using namespace cujitsu::softgpu::api;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("memory is allocated, measured and freed once", "[softgpu][api]") {
  const fake::Context context;
  std::size_t free_before = 0, free_after = 0, total = 0, bytes = 0;
  REQUIRE(cuMemGetInfo_v2(&free_before, &total) == 0);
  DevicePointer memory = 0, base = 0;
  REQUIRE(cuMemAlloc_v2(&memory, 1000) == 0);
  CHECK(memory % 512 == 0);
  REQUIRE(cuMemGetInfo_v2(&free_after, &total) == 0);
  CHECK(free_after < free_before);
  REQUIRE(cuMemGetAddressRange_v2(&base, &bytes, memory + 999) == 0);
  CHECK(base == memory);
  CHECK(bytes == 1000);
  CHECK(cuMemFree_v2(memory + 4) == 1);
  CHECK(cuMemFree_v2(memory) == 0);
  CHECK(cuMemFree_v2(memory) == 1);
  CHECK(cuMemFree_v2(0) == 0);
  CHECK(cuMemAlloc_v2(&memory, 0) == 1);
  CHECK(cuMemAlloc_v2(&memory, std::size_t{1} << 50) == 2);
  CHECK_THAT(fake::new_log(), ContainsSubstring("CUJITSU_SOFTGPU_MEMORY"));
}

TEST_CASE("copies past the end are refused, and those of nothing are not", "[softgpu][api]") {
  const fake::Context context;
  DevicePointer memory = 0;
  REQUIRE(cuMemAlloc_v2(&memory, 100) == 0);
  std::vector<unsigned char> host(200, 7);
  CHECK(cuMemcpyHtoD_v2(memory, host.data(), 100) == 0);
  CHECK(cuMemcpyHtoD_v2(memory, host.data(), 101) == 1);
  CHECK(cuMemcpyHtoD_v2(memory + 1, host.data(), 100) == 1);
  CHECK(cuMemcpyHtoD_v2(0, host.data(), 1) == 1);
  CHECK(cuMemcpyHtoD_v2(0, host.data(), 0) == 0);
  CHECK(cuMemcpyDtoH_v2(nullptr, memory, 1) == 1);
  CHECK(cuMemcpyDtoH_v2(host.data(), 0xdead0000, 1) == 1);
  CHECK(cuMemcpyHtoD_v2(reinterpret_cast<DevicePointer>(host.data()), host.data(), 1) == 1);
  CHECK(cuMemsetD32_v2(memory + 2, 0, 1) == 1);
  CHECK(cuMemsetD16_v2(memory, 0, 51) == 1);
  CHECK(cuMemsetD32_v2(memory, 0x01020304, 25) == 0);
  REQUIRE(cuMemcpyDtoH_v2(host.data(), memory, 100) == 0);
  CHECK(host[0] == 4);
  CHECK(host[99] == 1);
  CHECK(host[100] == 7);
}

TEST_CASE("rows and slices are copied and filled", "[softgpu][api]") {
  const fake::Context context;
  DevicePointer memory = 0;
  std::size_t pitch = 0;
  REQUIRE(cuMemAllocPitch_v2(&memory, &pitch, 20, 5, 4) == 0);
  CHECK(pitch == 512);
  std::vector<unsigned char> source(100), back(100);
  std::iota(source.begin(), source.end(), static_cast<unsigned char>(0));
  Copy2D copy{};
  copy.source_type = 1;
  copy.source_host = source.data();
  copy.source_pitch = 20;
  copy.destination_type = 2;
  copy.destination_device = memory;
  copy.destination_pitch = pitch;
  copy.width = 20;
  copy.height = 5;
  REQUIRE(cuMemcpy2D_v2(&copy) == 0);
  REQUIRE(cuMemsetD2D8_v2(memory + 1, pitch, 0xff, 2, 2) == 0);
  std::swap(copy.source_type, copy.destination_type);
  copy.source_device = memory;
  copy.source_pitch = pitch;
  copy.destination_host = back.data();
  copy.destination_pitch = 20;
  REQUIRE(cuMemcpy2D_v2(&copy) == 0);
  source[1] = source[2] = source[21] = source[22] = 0xff;
  CHECK(source == back);
  copy.source_type = 3;
  CHECK(cuMemcpy2D_v2(&copy) == 801);
  copy.source_type = 2;
  copy.height = 6;
  CHECK(cuMemcpy2D_v2(&copy) == 1);
}

TEST_CASE("page-locked and managed memory is known to the driver", "[softgpu][api]") {
  const fake::Context context;
  void* pinned = nullptr;
  REQUIRE(cuMemHostAlloc(&pinned, 100, 1) == 0);
  unsigned type = 0, managed = 7, flags = 0;
  DevicePointer address = 0;
  CHECK(cuPointerGetAttribute(&type, 2, reinterpret_cast<DevicePointer>(pinned)) == 0);
  CHECK(type == 1);
  CHECK(cuMemHostGetDevicePointer_v2(&address, pinned, 0) == 0);
  CHECK(address == reinterpret_cast<DevicePointer>(pinned));
  CHECK(cuMemHostGetFlags(&flags, pinned) == 0);
  CHECK(flags == 3);
  CHECK(cuMemFreeHost(pinned) == 0);
  CHECK(cuMemFreeHost(pinned) == 1);
  CHECK(cuPointerGetAttribute(&type, 2, address) == 1);

  DevicePointer both = 0;
  REQUIRE(cuMemAllocManaged(&both, 64, 1) == 0);
  *reinterpret_cast<int*>(both) = 5;
  CHECK(cuPointerGetAttribute(&managed, 8, both) == 0);
  CHECK(managed == 1);
  CHECK(cuPointerGetAttribute(&type, 2, both) == 0);
  CHECK(type == 2);

  ContextHandle owner = nullptr;
  int ordinal = -1;
  int attributes[] = {1, 9, 2};
  void* values[] = {&owner, &ordinal, &type};
  CHECK(cuPointerGetAttributes(3, attributes, values, both + 8) == 0);
  CHECK(owner == context.handle);
  CHECK(ordinal == 0);
  CHECK(type == 2);
  owner = nullptr;
  ordinal = -1;
  CHECK(cuPointerGetAttribute(&owner, 1, both) == 0);
  CHECK(cuPointerGetAttribute(&ordinal, 9, both + 63) == 0);
  CHECK(owner == context.handle);
  CHECK(ordinal == 0);
  CHECK(cuPointerGetAttribute(&ordinal, 9, both + 64) == 1);
  CHECK(cuPointerGetAttribute(&ordinal, 1000, both) == 1);

  std::vector<char> mine(8192);
  CHECK(cuMemHostRegister_v2(mine.data(), mine.size(), 0) == 0);
  CHECK(cuMemHostRegister_v2(mine.data() + 10, 5, 0) == 712);
  CHECK(cuMemHostUnregister(mine.data()) == 0);
  CHECK(cuMemHostUnregister(mine.data()) == 713);
}

TEST_CASE("stream-ordered memory comes back when the stream gets there", "[softgpu][api]") {
  fake::Context context;
  StreamHandle stream = nullptr;
  REQUIRE(cuStreamCreate(&stream, 1) == 0);
  PoolHandle pool = nullptr;
  REQUIRE(cuDeviceGetDefaultMemPool(&pool, 0) == 0);
  std::uint64_t threshold = 1 << 20, used = 0;
  CHECK(cuMemPoolSetAttribute(pool, 4, &threshold) == 0);
  threshold = 0;
  CHECK(cuMemPoolGetAttribute(pool, 4, &threshold) == 0);
  CHECK(threshold == 1 << 20);
  DevicePointer memory = 0;
  REQUIRE(cuMemAllocAsync(&memory, 4096, stream) == 0);
  CHECK(cuMemPoolGetAttribute(pool, 7, &used) == 0);
  CHECK(used == 4096);
  fake::gate().close();
  REQUIRE(context.launch("hold", stream) == 0);
  REQUIRE(cuMemFreeAsync(memory, stream) == 0);
  CHECK(cuMemFreeAsync(memory, stream) == 1);
  CHECK(cuMemPoolGetAttribute(pool, 7, &used) == 0);
  CHECK(used == 4096);
  fake::gate().open();
  REQUIRE(cuStreamSynchronize(stream) == 0);
  CHECK(cuMemPoolGetAttribute(pool, 7, &used) == 0);
  CHECK(used == 0);
  CHECK(cuMemPoolTrimTo(pool, 0) == 0);
  CHECK(cuMemPoolDestroy(pool) == 800);
}
