// SPDX-License-Identifier: MIT
#include "fake/fixture.hpp"
#include "support/catch.hpp"

#include <cujitsu/cujitsu.hpp>

#include <array>

using namespace cujitsu;
using test::contains;
using test::fake_control;
using test::message_of;

namespace {

struct S {
  double a;
  int b;
};

struct Prepared {
  test::CleanFake clean;
  SourceModule module{test::fake_code()};
  Kernel kernel = module.get_function("saxpy");
  DeviceBuffer buffer = mem_alloc(64);
};

}  // namespace

TEST_CASE("a launch hands every argument's bytes to the driver") {
  const Prepared it;
  struct Seen {
    DevicePointer pointer;
    int n;
    float a;
    S s;
  } seen{};
  const std::array<std::size_t, 4> sizes{8, 4, 4, 16};
  fake_control().record_arguments(&seen, sizes.data(), sizes.size());
  SECTION("launched at once") { it.kernel.launch({.grid = 2, .block = 32}, it.buffer, 7, 2.5F, S{1.5, 3}); }
  SECTION("bound first") { it.kernel.bind({.grid = 2, .block = 32}, it.buffer, 7, 2.5F, S{1.5, 3})(); }
  SECTION("bound, then one argument replaced") {
    auto bound = it.kernel.bind({.grid = 2, .block = 32}, it.buffer, 1, 2.5F, S{1.5, 3});
    bound.replace(1, 7);
    bound();
  }
  CHECK(seen.pointer == it.buffer.address());
  CHECK(seen.n == 7);
  CHECK(seen.a == 2.5F);
  CHECK(seen.s.a == 1.5);
  CHECK(seen.s.b == 3);
}

TEST_CASE("a wrong number of arguments is refused with both counts and the signature") {
  const Prepared it;
  const auto text = message_of<ArgumentError>([&] { it.kernel.launch({}, it.buffer, 7); });
  CHECK(contains(text, "takes 4 arguments, 2 given"));
  CHECK(contains(text, "saxpy(float* y, int n, float, S)"));
  CHECK(fake_control().calls("cuLaunchKernel") == 0);
}

TEST_CASE("an argument of another size or kind is refused by its position") {
  const Prepared it;
  CHECK(contains(message_of<ArgumentError>([&] { it.kernel.launch({}, it.buffer, 7LL, 2.5F, S{}); }),
                 "argument 2 of 4: the parameter is int n (4 bytes), given was a 8-byte integer"));
  CHECK(contains(message_of<ArgumentError>([&] { it.kernel.launch({}, it.buffer, 7.0F, 2.5F, S{}); }),
                 "argument 2 of 4: the parameter is int n (4 bytes), given was a 4-byte floating-point number"));
  CHECK(contains(message_of<ArgumentError>([&] { it.kernel.launch({}, it.buffer, 7, 2, S{}); }), "argument 3 of 4"));
  CHECK(contains(message_of<ArgumentError>([&] { it.kernel.launch({}, it.buffer, 7, 2.5F, it.buffer); }),
                 "argument 4 of 4"));
  auto bound = it.kernel.bind({}, it.buffer, 7, 2.5F, S{});
  CHECK_THROWS_AS(bound.replace(1, 7.0), ArgumentError);
  CHECK(contains(message_of<ArgumentError>([&] { bound.replace(4, 7); }), "has no argument 4"));
}

TEST_CASE("a dimension of 0 is refused by its name") {
  const Prepared it;
  CHECK(contains(message_of<ArgumentError>([&] { it.kernel.launch({.grid = 0}, it.buffer, 7, 2.5F, S{}); }),
                 "the grid (0, 1, 1) has a dimension of 0"));
  CHECK(contains(message_of<ArgumentError>([&] { it.kernel.launch({.block = {1, 0}}, it.buffer, 7, 2.5F, S{}); }),
                 "the block (1, 0, 1) has a dimension of 0"));
  CHECK_THROWS_AS(it.kernel.bind({.grid = 0}, it.buffer, 7, 2.5F, S{}), ArgumentError);
}

TEST_CASE("a block of 2000 threads is explained with the limit") {
  const Prepared it;
  const auto text =
      message_of<LaunchError>([&] { it.kernel.launch({.grid = 1, .block = 2000}, it.buffer, 7, 2.5F, S{}); });
  CHECK(contains(text, "has 2000 threads; the device allows at most 1024"));
  CHECK(contains(text, "CUDA_ERROR_INVALID_VALUE (1)"));
  CHECK(contains(text, "kernel 'saxpy'"));
  CHECK(contains(text, "driver: the fake driver's own log"));
}

TEST_CASE("dynamic shared memory above 48 KiB is allowed once, and too much is explained") {
  const Prepared it;
  it.kernel.launch({.shared = 100000}, it.buffer, 7, 2.5F, S{});
  it.kernel.launch({.shared = 100000}, it.buffer, 7, 2.5F, S{});
  CHECK(fake_control().calls("cuKernelSetAttribute") == 1);
  CHECK(fake_control().calls("cuLaunchKernel") == 2);
  const auto text = message_of<LaunchError>([&] { it.kernel.launch({.shared = 300000}, it.buffer, 7, 2.5F, S{}); });
  CHECK(contains(text, "301024 bytes of shared memory (300000 dynamic and 1024 static); the device has 232448"));
}

TEST_CASE("a freed buffer is refused as an argument") {
  Prepared it;
  it.buffer.free();
  CHECK(contains(message_of<ArgumentError>([&] { it.kernel.launch({}, it.buffer, 7, 2.5F, S{}); }), "has been freed"));
}

TEST_CASE("attributes and occupancy come from the driver") {
  const Prepared it;
  CHECK(it.kernel.attributes().registers == 32);
  CHECK(it.kernel.attributes().max_threads_per_block == 1024);
  CHECK(it.kernel.occupancy(256).blocks_per_multiprocessor == 8);
  CHECK(it.kernel.occupancy(256).fraction == 1.0);
}

TEST_CASE("after a fault every later call names the kernel that was launched last") {
  test::CleanFake clean;
  const Prepared it;
  synchronize();
  it.kernel.launch({}, it.buffer, 7, 2.5F, S{});
  fake_control().break_context(700);
  const auto first = message_of<LaunchError>([] { synchronize(); });
  CHECK(contains(first, "Kernel 'saxpy' faulted"));
  CHECK(contains(first, "CUDA_ERROR_ILLEGAL_ADDRESS (700)"));
  const auto later = message_of<LaunchError>([&] {
    char byte = 0;
    memcpy_dtoh(&byte, it.buffer, 1);
  });
  CHECK(contains(later, "cuMemcpyDtoH"));
  CHECK(contains(later, "Kernel 'saxpy' faulted"));
  const auto relaunch = message_of<LaunchError>([&] { it.kernel.launch({}, it.buffer, 7, 2.5F, S{}); });
  CHECK(contains(relaunch, "Kernel 'saxpy' faulted"));
  fake_control().break_context(0);  // so that the buffer's memory goes back
}
