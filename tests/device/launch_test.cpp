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

TEST_CASE("a kernel launches from a thread without a context, into streams of all kinds") {
  const auto count = SourceModule("__global__ void count(int* x, int n) { atomicAdd(x, n); }").get_function("count");
  const auto x = mem_alloc(sizeof(int));
  const Stream stream;
  memset_d32(x, 0, 1);
  synchronize();
  std::thread([&] {
    count.launch({}, x, 1);
    synchronize();
  }).join();
  std::thread([&] {
    count.launch({.stream = stream}, x, 10);
    stream.synchronize();
  }).join();
  int value = 0;
  memcpy_dtoh(&value, x, sizeof value);
  CHECK(value == 11);
}

TEST_CASE("arguments are compared with the signature, pointees and constness included") {
  const auto kernel =
      SourceModule("__global__ void f(float* y, const int* x, double d, unsigned n, unsigned char* bytes) {}")
          .get_function("f");
  float* y = nullptr;
  const float* constant_y = nullptr;
  const int* x = nullptr;
  unsigned* other_sign = nullptr;
  const auto refusal = [&](const auto&... arguments) {
    try {
      kernel.launch({}, arguments...);
    } catch (const ArgumentError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(refusal(y, x, 1.0, 1U, y).empty());
  CHECK(refusal(y, other_sign, 1.0, 1, nullptr).empty());
  CHECK(refusal(std::span<float>(), std::span<const int, 0>(), 1.0, 1U, other_sign).empty());
  CHECK(contains(refusal(x, x, 1.0, 1U, y),
                 "argument 1 of 5: the parameter is float* y (8 bytes), given was a pointer to "
                 "4-byte integers that must not be written to"));
  CHECK(contains(refusal(constant_y, x, 1.0, 1U, y), "must not be written to"));
  CHECK(contains(refusal(y, x, 1.0F, 1U, y), "argument 3 of 5: the parameter is double d"));
  CHECK(contains(refusal(y, x, 1.0, 1ULL, y), "argument 4 of 5: the parameter is unsigned int n"));
  CHECK(contains(refusal(), "takes 5 arguments, 0 given"));
}

TEST_CASE("a kernel typed at compile time converts its arguments as a function does") {
  const SourceModule module(
      "extern \"C\" __global__ void saxpy(float* y, const float* x, float a, int n) {"
      "  if (threadIdx.x < n) y[threadIdx.x] += a * x[threadIdx.x]; }");
  const auto saxpy = module.get_function<void(float*, const float*, float, int)>("saxpy");
  const std::array<float, 4> ones{1, 1, 1, 1};
  const auto x = mem_alloc(sizeof ones);
  const auto y = mem_alloc(sizeof ones);
  memcpy_htod(x, ones.data(), sizeof ones);
  memcpy_htod(y, ones.data(), sizeof ones);
  saxpy.launch({.block = 4}, y, x, 2, 4L);
  auto bound = saxpy.bind({.block = 4}, y, DeviceSpan(x), 0.5, 4);
  bound();
  const auto copy = bound;
  copy();
  std::array<float, 4> result{};
  memcpy_dtoh(result.data(), y, sizeof result);
  CHECK(result[3] == 4);
  CHECK_THROWS_AS((module.get_function<void(float*, const float*, double, int)>("saxpy")), ArgumentError);
  CHECK_THROWS_AS((module.get_function<void(float*)>("saxpy")), ArgumentError);
}

TEST_CASE("attributes of a launch reach the driver, and a grid that is too large to be resident is explained") {
  const SourceModule module("__global__ void f(int* x) { atomicAdd(x, 1); }");
  const auto f = module.get_function("f");
  const auto x = mem_alloc(sizeof(int));
  memset_d32(x, 0, 1);
  f.launch({.grid = 2, .block = 32, .cooperative = true}, x);
  f.launch({.grid = 2, .block = 32, .priority = 0}, x);
  synchronize();
  int value = 0;
  memcpy_dtoh(&value, x, sizeof value);
  CHECK(value == 128);
  try {
    f.launch({.grid = 1U << 20, .block = 1024, .cooperative = true}, x);
    FAIL("nothing was thrown");
  } catch (const LaunchError& error) {
    CHECK(contains(error.what(), "all blocks of a cooperative launch must be resident at once"));
    CHECK(contains(error.what(), "the grid has 1048576"));
  }
  const auto suggestion = f.suggest_block();
  CHECK(suggestion.block % 32 == 0);
  CHECK(suggestion.min_grid >= 1);
  CHECK(f.suggest_block(0, 64).block <= 64);
  CHECK_THROWS_AS(f.suggest_block(0, -1), ArgumentError);
}

TEST_CASE("code that somebody else compiled is loaded by its PTX, and its kernels are known by it") {
  const auto code =
      compile("extern \"C\" __global__ void one(int* x, short s) { *x = s; }", {.arch = "compute_80"}, nullptr);
  const auto module = SourceModule::from_ptx(code.ptx);
  CHECK(module.code().arch == "compute_80");
  CHECK(module.kernels().at(0).signature.to_string() == "one(.u64, .u16)");
  const auto x = mem_alloc(sizeof(int));
  module.get_function("one").launch({}, x, short{7});
  int value = 0;
  memcpy_dtoh(&value, x, sizeof value);
  CHECK(value == 7);
  CHECK_THROWS_AS(SourceModule::from_ptx("no PTX"), ArgumentError);
  CHECK_THROWS_AS(SourceModule::from_cubin("no ELF"), ArgumentError);
}

TEST_CASE("machine code alone is launched by what the driver and the mangled name tell of its kernels") {
  if (driver_report().is_software) CUJITSU_SKIP("softgpu has no use for machine code");
  const auto capability = Device::current().compute_capability();
  const auto code = compile(
      "extern \"C\" __global__ void plain(int* x, float f, char c) { *x = f + c; }"
      "__global__ void mangled(int* x, float f, char c) { *x = f - c; }",
      {.arch = "sm_" + std::to_string(10 * capability.major + capability.minor)}, nullptr);
  const auto module = SourceModule::from_cubin(code.cubin);
  REQUIRE(module.kernels().size() == 2);
  const auto plain = module.get_function("plain");
  const auto mangled = module.get_function("mangled");
  CHECK(plain.signature().to_string() == "plain(.b64, .b32, .b8)");
  CHECK(mangled.signature().to_string() == "mangled(int*, float, char)");
  const auto x = mem_alloc(sizeof(int));
  int value = 0;
  plain.launch({}, x, 2.5F, char{4});
  memcpy_dtoh(&value, x, sizeof value);
  CHECK(value == 6);
  mangled.launch({}, x, 12.0F, char{4});
  memcpy_dtoh(&value, x, sizeof value);
  CHECK(value == 8);
  CHECK_THROWS_AS(mangled.launch({}, x, 12, char{4}), ArgumentError);
}
