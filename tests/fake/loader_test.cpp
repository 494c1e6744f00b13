// SPDX-License-Identifier: MIT
#include "fake/fixture.hpp"
#include "support/catch.hpp"

#include <cujitsu/cujitsu.hpp>

#include <thread>
#include <vector>

using namespace cujitsu;
using test::contains;
using test::fake_control;
using test::message_of;

TEST_CASE("code is loaded when a kernel is first asked for, once, and unloaded with its last owner") {
  const test::CleanFake clean;
  {
    const SourceModule module(test::fake_code());
    CHECK(fake_control().calls("cuLibraryLoadData") == 0);
    const auto kernel = module.get_function("saxpy");
    static_cast<void>(module.get_function("saxpy"));
    CHECK(module.get_global("table").size() == 64);
    CHECK(fake_control().calls("cuLibraryLoadData") == 1);
    CHECK(fake_control().calls("cuModuleLoadDataEx") == 0);
  }
  CHECK(fake_control().calls("cuLibraryUnload") == 1);
}

TEST_CASE("a kernel outlives its module") {
  const test::CleanFake clean;
  const auto kernel = SourceModule(test::fake_code()).get_function("saxpy");
  CHECK(fake_control().calls("cuLibraryUnload") == 0);
  CHECK(kernel.name() == "saxpy");
  CHECK(kernel.attributes().registers == 32);
}

TEST_CASE("threads that ask for the same kernel load the code once", "[threads]") {
  const test::CleanFake clean;
  const SourceModule module(test::fake_code());
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] { static_cast<void>(module.get_function("saxpy").attributes()); });
  for (auto& thread : threads) thread.join();
  CHECK(fake_control().calls("cuLibraryLoadData") == 1);
}

TEST_CASE("a load that fails is tried again by the next call, with the real error each time") {
  const test::CleanFake clean;
  const SourceModule module(test::fake_code());
  fake_control().fail("cuLibraryLoadData", 2, 1);
  CHECK_THROWS_AS(module.get_function("saxpy"), OutOfMemoryError);
  CHECK_NOTHROW(module.get_function("saxpy"));
}

TEST_CASE("PTX that is too new for the driver is explained with both versions") {
  const test::CleanFake clean;
  auto code = test::fake_code("compute_90");
  code.cubin.clear();
  const SourceModule module(code);
  fake_control().fail("cuLibraryLoadData", 222, 1);
  const auto text = message_of<DriverError>([&] { static_cast<void>(module.get_function("saxpy")); });
  CHECK(contains(text, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION (222)"));
  CHECK(contains(text, "PTX version 9.0"));
  CHECK(contains(text, "this driver (CUDA 13.0)"));
}

TEST_CASE("machine code for another architecture is passed over for the PTX") {
  const test::CleanFake clean;
  const SourceModule module(test::fake_code("sm_80"));  // the device is of compute capability 9.0
  fake_control().fail("cuLibraryLoadData", 222, 1);     // which only PTX can give
  CHECK(contains(message_of<DriverError>([&] { module.load(); }), "the PTX for sm_80"));
}

TEST_CASE("names are checked before anything is loaded") {
  const test::CleanFake clean;
  const SourceModule module(test::fake_code());
  CHECK(contains(message_of<ArgumentError>([&] { static_cast<void>(module.get_function("saxby")); }),
                 "did you mean 'saxpy'?"));
  CHECK(contains(message_of<ArgumentError>([&] { static_cast<void>(module.get_global("tabel")); }),
                 "did you mean 'table'?"));
  CHECK(fake_control().calls("cuLibraryLoadData") == 0);
}

TEST_CASE("an unknown device is refused with the number of devices") {
  CHECK(contains(message_of<ArgumentError>([] { Device(7); }), "there is no device 7"));
  CHECK_THROWS_AS(Device(-1), ArgumentError);
}

TEST_CASE("a device tells its properties") {
  const Device device(0);
  CHECK(device.name() == "fake device 0");
  CHECK(device.compute_capability() == ComputeCapability{9, 0});
  CHECK(device.total_memory() == std::size_t{1} << 30);
  CHECK(device.free_memory() == std::size_t{512} << 20);
  CHECK(device.uuid() == "GPU-00010203-0405-0607-0809-0a0b0c0d0e0f");
  CHECK(device.pci_bus_id() == "0000:00:00.0");
  CHECK(driver_version() == 13000);
  device.make_current();
  CHECK(Device::current() == device);
}
