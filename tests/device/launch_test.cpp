// SPDX-License-Identifier: MIT
#include "device/support.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <numeric>
#include <thread>

using namespace cujitsu;
using test::add_source;
using test::contains;

namespace {

/// Adds 0, 1, 2, … to itself on the device; the number of wrong sums.
int wrong_sums(const Kernel& add, int n, StreamHandle stream = nullptr) {
  std::vector<float> a(static_cast<std::size_t>(n));
  std::iota(a.begin(), a.end(), 0.0F);
  const auto bytes = a.size() * sizeof(float);
  const auto a_gpu = mem_alloc(bytes);
  const auto c_gpu = mem_alloc(bytes);
  memcpy_htod_async(a_gpu, a.data(), bytes, stream);
  add.launch({.grid = static_cast<unsigned>(n + 255) / 256, .block = 256, .stream = stream}, c_gpu, a_gpu, a_gpu, n);
  std::vector<float> c(a.size());
  memcpy_dtoh_async(c.data(), c_gpu, bytes, stream);
  Stream::from_handle(stream).synchronize();
  int wrong = 0;
  for (std::size_t i = 0; i < c.size(); ++i) wrong += c[i] != 2 * a[i] ? 1 : 0;
  return wrong;
}

}  // namespace

TEST_CASE("a kernel of a string adds two vectors, with and without extern C, compiled and from the cache") {
  const auto folder = std::filesystem::temp_directory_path() / ("cujitsu-device-" + std::to_string(::getpid()));
  KernelCache cache(folder);
  for (const auto expected : {CacheStatus::miss, CacheStatus::hit}) {
    const SourceModule module(add_source, {}, &cache);
    CHECK(module.cache_status() == expected);
    CHECK(wrong_sums(module.get_function("add_them"), 400) == 0);
    CHECK(wrong_sums(module.get_function("add_plain"), 100000) == 0);
  }
  std::filesystem::remove_all(folder);
}

TEST_CASE("PTX alone is compiled by the driver and gives the same answer") {
  const auto capability = Device::current().compute_capability();
  const auto arch = "compute_" + std::to_string(10 * capability.major + capability.minor);
  const SourceModule module(add_source, {.arch = arch}, nullptr);
  CHECK(module.cubin().empty());
  try {
    CHECK(wrong_sums(module.get_function("add_them"), 1000) == 0);
  } catch (const DriverError& error) {  // an NVRTC that is newer than the driver: explained, not obscure
    CHECK(error.code() == 222);
    CHECK(contains(error.what(), "PTX version"));
  }
}

TEST_CASE("machine code for an older architecture runs by way of its PTX") {
  const SourceModule module(add_source, {.arch = "sm_80"}, nullptr);
  CHECK_FALSE(module.cubin().empty());
  try {
    CHECK(wrong_sums(module.get_function("add_them"), 1000) == 0);
  } catch (const DriverError& error) {
    CHECK(error.code() == 222);
  }
}

TEST_CASE("threads launch the same kernel side by side", "[threads]") {
  const auto add = SourceModule(add_source).get_function("add_them");
  std::array<int, 8> wrong{};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < wrong.size(); ++i)
    threads.emplace_back([&, i] {
      const Stream stream;
      wrong[i] = wrong_sums(add, 5000 + static_cast<int>(i), stream);
    });
  for (auto& thread : threads) thread.join();
  CHECK(std::accumulate(wrong.begin(), wrong.end(), 0) == 0);
}

TEST_CASE("templates are instantiated by name expressions and found by them") {
  constexpr const char* source = R"(
namespace ns { template <class T, int N> __global__ void scale(T* x) { x[threadIdx.x] *= N; } }
)";
  const SourceModule module(source, {.name_expressions = {"ns::scale<float, 3>", "ns::scale<int, 5>"}});
  const auto x = mem_alloc(4 * sizeof(int));
  std::array<int, 4> ints{1, 2, 3, 4};
  memcpy_htod(x, ints.data(), sizeof ints);
  module.get_function("ns::scale<int, 5>").launch({.block = 4}, x);
  memcpy_dtoh(ints.data(), x, sizeof ints);
  CHECK(ints[3] == 20);
  std::array<float, 4> floats{1, 2, 3, 4};
  memcpy_htod(x, floats.data(), sizeof floats);
  module.get_function("scale<float,3>").launch({.block = 4}, x);
  memcpy_dtoh(floats.data(), x, sizeof floats);
  CHECK(floats[3] == 12);
  CHECK_THROWS_AS(module.get_function("scale"), ArgumentError);
}

TEST_CASE("structs go by value, constants and variables by get_global") {
  struct Pair {
    double a;
    char b;
    float c;
  };
  constexpr const char* source = R"(
struct Pair { double a; char b; float c; };
__constant__ float table[4];
namespace ns { __device__ int counter; }
__global__ void fill(double* out, Pair pair, unsigned char add) {
  out[threadIdx.x] = pair.a + pair.b + pair.c + table[threadIdx.x] + add;
  atomicAdd(&ns::counter, 1);
}
)";
  const SourceModule module(source);
  const std::array<float, 4> table{10, 20, 30, 40};
  const auto global = module.get_global("table");
  CHECK(global.size() == sizeof table);
  memcpy_htod(global, table.data(), sizeof table);
  CHECK_THROWS_AS(memcpy_htod(global, table.data(), sizeof table + 1), ArgumentError);
  memset_d8(module.get_global("ns::counter"), 0, 4);
  const auto out = mem_alloc(4 * sizeof(double));
  module.get_function("fill").launch({.block = 4}, out, Pair{0.5, 2, 0.25F}, static_cast<unsigned char>(200));
  std::array<double, 4> result{};
  memcpy_dtoh(result.data(), out, sizeof result);
  CHECK(result[3] == 242.75);
  int counter = 0;
  memcpy_dtoh(&counter, module.get_global("counter"), sizeof counter);
  CHECK(counter == 4);
}

TEST_CASE("a bound launch runs again and again with replaced arguments") {
  constexpr const char* source = "__global__ void set(int* x, int i, int v) { x[i] = v; }";
  const auto x = mem_alloc(16);
  auto set = SourceModule(source).get_function("set").bind({}, x, 0, 7);
  set();
  set.replace(1, 3);
  set.replace(2, 9);
  set();
  std::array<int, 4> result{};
  memcpy_dtoh(result.data(), x, sizeof result);
  CHECK(result[0] == 7);
  CHECK(result[3] == 9);
}

TEST_CASE("attributes agree with what was read from the machine code") {
  constexpr const char* source = R"(
__constant__ float table[64];
__global__ void busy(float* x, int n) {
  __shared__ float shared[128];
  float local[64];
  for (int i = 0; i < 64; ++i) local[i] = table[i];
  for (int i = 0; i < 64; ++i) local[(i * n) & 63] += x[i];
  shared[threadIdx.x & 127] = local[n & 63];
  __syncthreads();
  x[threadIdx.x] = shared[n & 127] + local[(n * 7) & 63];
}
__global__ void idle() {}
)";
  const SourceModule module(source);
  const auto capability = Device::current().compute_capability();
  const bool runs_machine_code =
      !driver_report().is_software;  // softgpu executes the PTX, which has no registers to count
  for (const auto& info : module.kernels()) {
    const auto attributes = module.get_function(info.name).attributes();
    INFO(info.name);
    CHECK((attributes.registers == info.resources.registers || !runs_machine_code));
    CHECK(attributes.registers > 0);
    CHECK(attributes.shared_bytes == info.resources.shared_bytes);
    CHECK((attributes.local_bytes == info.resources.local_bytes || !runs_machine_code));
    CHECK(attributes.binary_version == 10 * capability.major + capability.minor);
    CHECK(attributes.max_threads_per_block == 1024);
  }
  CHECK(module.get_function("busy").attributes().local_bytes >= 256);
  CHECK(module.get_function("busy").attributes().constant_bytes == 256);
  const auto occupancy = module.get_function("idle").occupancy(1024);
  CHECK(occupancy.blocks_per_multiprocessor >= 1);
  CHECK(occupancy.fraction > 0.4);
}

TEST_CASE("dynamic shared memory beyond 48 KiB needs no opt-in, and too much is explained") {
  constexpr const char* source = R"(
extern __shared__ int big[];
__global__ void last(int* out, int n) { big[n - 1] = 42; *out = big[n - 1]; }
)";
  const auto last = SourceModule(source).get_function("last");
  const auto out = mem_alloc(4);
  last.launch({.shared = 64 * 1024}, out, 16 * 1024);
  int value = 0;
  memcpy_dtoh(&value, out, 4);
  CHECK(value == 42);
  try {
    last.launch({.shared = 1024 * 1024}, out, 1);
    FAIL("nothing was thrown");
  } catch (const LaunchError& error) {
    CHECK(contains(error.what(), "1048576 bytes of shared memory"));
  }
}

TEST_CASE("a block of 2000 threads is refused with the limit, and the context lives on") {
  const auto add = SourceModule(add_source).get_function("add_them");
  const auto x = mem_alloc(16);
  try {
    add.launch({.block = 2000}, x, x, x, 4);
    FAIL("nothing was thrown");
  } catch (const LaunchError& error) {
    CHECK(contains(error.what(), "has 2000 threads; the device allows at most 1024"));
  }
  CHECK(wrong_sums(add, 100) == 0);
}

TEST_CASE("child: a kernel that faults", "[.child]") {
  const SourceModule module(R"(
__global__ void good(int* x) { *x = 1; }
__global__ void bad(int* x) { *(volatile int*)16 = 1; }
)");
  const auto x = mem_alloc(4);
  module.get_function("good").launch({}, x);
  synchronize();
  try {
    module.get_function("bad").launch({}, x);
    synchronize();
  } catch (const LaunchError& error) {
    std::printf("first: %s\n", error.what());
  }
  try {
    int value = 0;
    memcpy_dtoh(&value, x, sizeof value);
  } catch (const LaunchError& error) {
    std::printf("later: %s\n", error.what());
  }
}

TEST_CASE("a kernel that faults is named by the first and by every later call") {
  for (const auto* blocking : {"CUDA_LAUNCH_BLOCKING=0", "CUDA_LAUNCH_BLOCKING=1"}) {
    const auto output = test::run_in_child("child: a kernel that faults", blocking);
    INFO(output);
    const auto later = output.find("later: ");
    REQUIRE(later != std::string::npos);
    CHECK(contains(output.substr(0, later), "Kernel 'bad' faulted"));
    CHECK(contains(output.substr(later), "Kernel 'bad' faulted"));
    CHECK(contains(output, "CUDA_ERROR_ILLEGAL_ADDRESS (700)"));
  }
}

TEST_CASE("child: a fork after use", "[.child]") {
  const auto buffer = mem_alloc(16);
  std::fflush(nullptr);
  if (const auto child = ::fork(); child == 0) {
    try {
      static_cast<void>(mem_alloc(16));
    } catch (const DriverError& error) {
      std::printf("child: %s\n", error.what());
    }
    std::fflush(nullptr);
    ::_exit(0);
  } else {
    int status = 0;
    ::waitpid(child, &status, 0);
  }
  std::printf("parent: %d\n", buffer.is_freed() ? 0 : 1);
}

TEST_CASE("a child forked after use is told so, and the parent goes on") {
  const auto output = test::run_in_child("child: a fork after use");
  INFO(output);
  CHECK(contains(output, "was forked from process"));
  CHECK(contains(output, "parent: 1"));
}
