// SPDX-License-Identifier: MIT
#include "fake/fixture.hpp"
#include "support/catch.hpp"

#include <cujitsu/cujitsu.hpp>

#include <array>
#include <thread>
#include <utility>
#include <vector>

using namespace cujitsu;
using test::contains;
using test::fake_control;
using test::message_of;

TEST_CASE("buffers give their memory back, from any thread") {
  const test::CleanFake clean;
  {
    const DeviceBuffer plain(100);
    const Stream stream;
    DeviceBuffer pooled(200, stream);
    HostBuffer host(300);
    CHECK(fake_control().allocated() == 600);
    std::thread([buffer = std::move(pooled)]() mutable { buffer.free(); }).join();
    CHECK(fake_control().allocated() == 400);
    host.free();
    CHECK(host.is_freed());
  }
  CHECK(fake_control().allocated() == 0);
  CHECK(fake_control().calls("cuMemFreeAsync") == 1);
  CHECK(fake_control().calls("cuStreamDestroy") == 1);
}

TEST_CASE("use after free and double free are refused") {
  const test::CleanFake clean;
  DeviceBuffer buffer(16);
  buffer.free();
  CHECK(contains(message_of<ArgumentError>([&] { static_cast<void>(buffer.address()); }), "has been freed"));
  CHECK(contains(message_of<ArgumentError>([&] { buffer.free(); }), "freed already"));
  int value = 0;
  CHECK_THROWS_AS(memcpy_htod(buffer, &value, sizeof value), ArgumentError);
  HostBuffer host(16);
  host.free();
  CHECK_THROWS_AS(host.data(), ArgumentError);
  CHECK_THROWS_AS(host.free(), ArgumentError);
  CHECK(fake_control().calls("cuMemFree") == 1);
}

TEST_CASE("a moved-from buffer is empty and the target frees once") {
  const test::CleanFake clean;
  DeviceBuffer first(16);
  DeviceBuffer second(32);
  second = std::move(first);
  CHECK(fake_control().allocated() == 16);
  CHECK(second.size() == 16);
  CHECK_THROWS_AS(first.address(), ArgumentError);  // NOLINT(bugprone-use-after-move): this is the test
}

TEST_CASE("buffers of no bytes are allowed and never reach the driver") {
  const test::CleanFake clean;
  DeviceBuffer buffer(0);
  HostBuffer host(0);
  CHECK(buffer.address() == 0);
  memcpy_htod(buffer, nullptr, 0);
  memset_d8(buffer, 1, 0);
  CHECK(fake_control().calls("cuMemAlloc") == 0);
  CHECK(fake_control().calls("cuMemHostAlloc") == 0);
  CHECK(fake_control().calls("cuMemcpyHtoD") == 0);
}

TEST_CASE("copies move the bytes and refuse what is larger than the buffer") {
  const test::CleanFake clean;
  const DeviceBuffer a(16);
  const DeviceBuffer b(8);
  const std::array<int, 4> in{1, 2, 3, 4};
  std::array<int, 4> out{};
  memcpy_htod(a, in.data(), sizeof in);
  memcpy_dtod(b, DeviceSpan(a).offset(8), 8);
  memcpy_dtoh(out.data(), b, 8);
  CHECK(out[0] == 3);
  CHECK(out[1] == 4);
  CHECK(contains(message_of<ArgumentError>([&] { memcpy_htod(b, in.data(), sizeof in); }),
                 "memcpy_htod: 16 bytes do not fit: the device buffer has 8 bytes"));
  CHECK_THROWS_AS(memcpy_dtoh(out.data(), b, 9), ArgumentError);
  CHECK_THROWS_AS(memcpy_dtod(b, a, 9), ArgumentError);
  CHECK_THROWS_AS(memcpy_dtod(a, b, 9), ArgumentError);
  const Stream stream;
  CHECK_THROWS_AS(memcpy_htod_async(b, in.data(), 9, stream), ArgumentError);
  CHECK_THROWS_AS(memcpy_dtoh_async(out.data(), b, 9, stream), ArgumentError);
  CHECK_THROWS_AS(memcpy_dtod_async(b, a, 9, stream), ArgumentError);
  CHECK_THROWS_AS(memcpy_htod(a, nullptr, 4), ArgumentError);
  CHECK_THROWS_AS(DeviceSpan(a).offset(17), ArgumentError);
}

TEST_CASE("fills count elements and refuse too many, overflow included") {
  const test::CleanFake clean;
  const DeviceBuffer buffer(8);
  const Stream stream;
  std::array<std::uint16_t, 4> out{};
  memset_d16(buffer, 0x1234, 4);
  memcpy_dtoh(out.data(), buffer, 8);
  CHECK(out[3] == 0x1234);
  memset_d32_async(buffer, 0x01020304, 2, stream);
  memset_d8_async(buffer, 9, 1, stream);
  memcpy_dtoh(out.data(), buffer, 8);
  CHECK(out[0] == 0x0309);
  CHECK(out[3] == 0x0102);
  CHECK_THROWS_AS(memset_d8(buffer, 0, 9), ArgumentError);
  CHECK_THROWS_AS(memset_d16(buffer, 0, 5), ArgumentError);
  CHECK_THROWS_AS(memset_d32(buffer, 0, std::size_t{1} << 62), ArgumentError);
  CHECK_THROWS_AS(memset_d16_async(buffer, 0, 5, stream), ArgumentError);
}

TEST_CASE("running out of memory names what was asked for, what is free and what there is") {
  const test::CleanFake clean;
  const auto text = message_of<OutOfMemoryError>([] { DeviceBuffer(std::size_t{4} << 30); });
  CHECK(contains(text, "4.0 GiB (4294967296 bytes) of device memory"));
  CHECK(contains(text, "512.0 MiB of the device's 1.0 GiB are free"));
  CHECK(fake_control().allocated() == 0);
}

TEST_CASE("a driver error carries code, name, call and object") {
  const test::CleanFake clean;
  const DeviceBuffer buffer(8);
  fake_control().fail("cuMemcpyHtoD", 1, 1);
  const int value = 0;
  try {
    memcpy_htod(buffer, &value, sizeof value);
    FAIL("nothing was thrown");
  } catch (const DriverError& error) {
    CHECK(error.code() == 1);
    CHECK(error.name() == "CUDA_ERROR_INVALID_VALUE");
    CHECK(error.call() == "cuMemcpyHtoD");
    CHECK(error.object() == "4 bytes");
    CHECK(contains(error.what(), "the fake driver says so"));
  }
}

TEST_CASE("a clean-up that fails is logged and not thrown") {
  const test::CleanFake clean;
  std::vector<std::string> messages;
  set_log_sink([&](LogLevel, std::string_view text) { messages.emplace_back(text); });
  {
    const DeviceBuffer buffer(8);
    fake_control().fail("cuMemFree", 1, 1);
  }
  set_log_sink({});
  REQUIRE(messages.size() == 1);
  CHECK(contains(messages[0], "cuMemFree: CUDA_ERROR_INVALID_VALUE"));
}

TEST_CASE("streams and events do what they are asked for and give themselves back") {
  const test::CleanFake clean;
  {
    const Stream stream({.non_blocking = true, .priority = -1});
    const Event start;
    const Event end;
    start.record(stream);
    end.record(stream).synchronize();
    CHECK(end.time_since(start) == 1.0F);
    CHECK(start.time_till(end) == 1.0F);
    stream.wait(start);
    stream.synchronize();
    CHECK(stream.is_done());
    fake_control().fail("cuStreamQuery", 600, 1);
    CHECK_FALSE(stream.is_done());
    fake_control().fail("cuEventElapsedTime", 600, 1);
    CHECK(contains(message_of<DriverError>([&] { static_cast<void>(end.time_since(start)); }), "has not ended yet"));
    const auto foreign = Stream::from_handle(stream.handle());
    CHECK(foreign.handle() == stream.handle());
  }
  CHECK(fake_control().calls("cuStreamDestroy") == 1);
  CHECK(fake_control().calls("cuEventDestroy") == 2);
}
