// SPDX-License-Identifier: MIT
#include "device/support.hpp"

#include <thread>

using namespace cujitsu;
using test::contains;

TEST_CASE("copies and fills move bytes, through pageable and page-locked memory") {
  constexpr std::size_t bytes = 4096;
  const auto a = mem_alloc(bytes);
  const auto b = mem_alloc(bytes);
  const HostBuffer host(bytes);
  auto* words = static_cast<std::uint32_t*>(host.data());
  const Stream stream({.non_blocking = true});
  memset_d32_async(a, 0x01020304, bytes / 4, stream);
  memset_d16_async(a, 0x0506, 2, stream);
  memset_d8_async(a, 7, 1, stream);
  memcpy_dtod_async(b, a, bytes, stream);
  memcpy_dtoh_async(words, b, bytes, stream);
  stream.synchronize();
  CHECK(words[0] == 0x05060507);
  CHECK(words[1] == 0x01020304);
  std::vector<std::uint32_t> pageable(bytes / 4, 9);
  memcpy_htod(a, pageable.data(), bytes);
  memcpy_dtod(b, a, bytes);
  memset_d32(b, 8, 1);
  memset_d16(DeviceSpan(b).offset(4), 3, 1);
  memset_d8(DeviceSpan(b).offset(8), 1, 4);
  memcpy_dtoh(pageable.data(), b, bytes);
  CHECK(pageable[0] == 8);
  CHECK(pageable[1] == 3);
  CHECK(pageable[2] == 0x01010101);
  CHECK(pageable[3] == 9);
}

TEST_CASE("memory that is freed is there again, stream-ordered or not") {
  const Device device = Device::current();
  device.make_current();
  constexpr std::size_t bytes = std::size_t{256} << 20;
  static_cast<void>(mem_alloc(1));  // the context itself takes memory
  const auto before = device.free_memory();
  {
    const auto held = mem_alloc(bytes);
    CHECK(device.free_memory() <= before - bytes + (std::size_t{16} << 20));
  }
  CHECK(device.free_memory() >= before - (std::size_t{16} << 20));
  const Stream stream;
  for (int i = 0; i < 100; ++i) {  // 25 GiB in all, from one pooled block
    auto buffer = mem_alloc(bytes, stream);
    memset_d8_async(buffer, 1, 16, stream);
  }
  stream.synchronize();
  CHECK(device.free_memory() >= before - 2 * bytes - (std::size_t{16} << 20));
}

TEST_CASE("asking for more than there is says how much is free, and nothing is lost") {
  const auto total = Device::current().total_memory();
  try {
    static_cast<void>(mem_alloc(2 * total));
    FAIL("nothing was thrown");
  } catch (const OutOfMemoryError& error) {
    CHECK(error.code() == 2);
    CHECK(contains(error.what(), "are free"));
  }
  CHECK(mem_alloc(1024).size() == 1024);
}

TEST_CASE("a buffer that another thread frees is freed in its own context") {
  auto buffer = mem_alloc(1024);
  std::thread([moved = std::move(buffer)]() mutable { moved.free(); }).join();
  CHECK(buffer.is_freed());  // NOLINT(bugprone-use-after-move)
}

TEST_CASE("events time what lies between them") {
  const SourceModule module(R"(
__global__ void wait(long long cycles) { long long start = clock64(); while (clock64() - start < cycles) {} }
)");
  const auto wait = module.get_function("wait");
  const Stream stream;
  const Event start;
  const Event end;
  start.record(stream);
  wait.launch({.stream = stream}, 2000000LL);
  end.record(stream);
  end.synchronize();
  CHECK(end.is_done());
  CHECK(end.time_since(start) > 0.1F);
  CHECK(end.time_since(start) < 1000.0F);
  const Event other;
  other.record(stream);
  CHECK_THROWS_AS(Event({.timing = false}).record(stream).time_since(start), DriverError);
}

TEST_CASE("work in a stream waits for an event of another") {
  const SourceModule module(R"(
__global__ void slow_set(int* x, int v) { long long t = clock64(); while (clock64() - t < 3000000) {} *x = v; }
__global__ void add(int* x, int v) { *x += v; }
)");
  const Stream first({.non_blocking = true});
  const Stream second({.non_blocking = true});
  const auto x = mem_alloc(4);
  const Event ready({.timing = false});
  module.get_function("slow_set").launch({.stream = first}, x, 40);
  ready.record(first);
  second.wait(ready);
  module.get_function("add").launch({.stream = second}, x, 2);
  second.synchronize();
  int value = 0;
  memcpy_dtoh(&value, x, sizeof value);
  CHECK(value == 42);
}
