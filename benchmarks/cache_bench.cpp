// SPDX-License-Identifier: MIT
// Cache hits against the bare driver's load of the same machine code; keys and lists against the bare hash and bare reads.
#include "benchmarks/cache_bench.hpp"

#include "base/file.hpp"
#include "base/hash.hpp"
#include "benchmarks/measure.hpp"
#include "cache/layout.hpp"
#include "cache/store.hpp"
#include "driver/context.hpp"
#include "module/compilation.hpp"
#include "nvrtc/toolkit.hpp"

#include <cujitsu/cujitsu.hpp>

#include <unistd.h>

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace cujitsu::bench {
namespace {

constexpr std::string_view plain_source = R"(
__global__ void saxpy(float* y, const float* x, float a, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = a * x[i] + y[i];
}
)";

constexpr std::string_view cub_source = R"(
#include <cub/block/block_reduce.cuh>
__global__ void saxpy(float* y, const float* x, float a, int n) {
  using Reduce = cub::BlockReduce<float, 128>;
  __shared__ typename Reduce::TempStorage storage;
  const float sum = Reduce(storage).Sum(threadIdx.x < n ? a * x[threadIdx.x] : 0);
  if (threadIdx.x == 0) *y = sum;
}
)";

constexpr int listed_entries = 10'000;
constexpr int later_hits = 21;

std::string source_of(std::string_view kind) {
  if (kind == "plain") return std::string(plain_source);
  if (kind == "cub") return std::string(cub_source);
  throw std::runtime_error("a program is plain or cub");
}

struct HitTime {
  double compile = 0;
  double load = 0;
};

HitTime time_hit(const std::string& source, bool with_device) {
  HitTime time;
  std::optional<SourceModule> module;  // unloading is not part of what is timed
  std::optional<Kernel> kernel;
  time.compile = seconds_of([&] { module.emplace(source); });
  if (with_device) time.load = seconds_of([&] { kernel.emplace(module->get_function("saxpy")); });
  if (module->cache_status() != CacheStatus::hit) throw std::runtime_error("not a hit: " + module->explain());
  return time;
}

/// Of the program without includes, as it is in memory.
void compare_key() {
  const CompileOptions options;
  const auto toolkit = nvrtc::require_toolkit(driver::version_or_zero() / 1000);
  const auto bytes = Compilation(plain_source, options, toolkit).material().serialize();
  constexpr int keys = 1000;  // in each measurement: one takes too little to be timed
  std::size_t sum = 0;
  const auto ours = [&] {
    for (int i = 0; i < keys; ++i) sum += Compilation(plain_source, options, toolkit).material().key().hex.size();
  };
  const auto bare = [&] {
    for (int i = 0; i < keys; ++i) sum += hash128(bytes)[0];
  };
  const double one_hash = seconds_of(bare) / keys;
  compare("1000 keys of an unchanged source", "one bare XXH3 for each", 41, "lower", 2e-6 / one_hash, ours, bare);
  if (sum == 0) throw std::runtime_error("nothing was hashed");
}

void compare_list() {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("cujitsu-bench-list-{}", ::getpid());
  KernelCache cache(folder);
  const auto code = compile(plain_source, {}, nullptr);
  std::vector<std::string> paths;
  for (int i = 0; i < listed_entries; ++i) {
    KeyMaterial material;
    material.source = fmt::format("{}// {}\n", plain_source, i);
    material.options.arch = code.arch;
    const auto key = material.key();
    std::string reason;
    if (!cache.store().save(key, code, reason)) throw std::runtime_error(reason);
    paths.push_back(layout::entry(layout::version_folder(folder.native()), key.hex).path());
  }
  const auto bare = [&] {
    std::string beginning;
    for (const auto& path : paths)
      if (file::read_beginning(path, 4096, beginning) != 0) throw std::runtime_error("can not read " + path);
  };
  const double bare_time = seconds_of(bare);
  compare(
      fmt::format("list of {} entries", listed_entries), "open, read 4 KiB and close each", 11, "lower",
      0.5 / bare_time,
      [&] {
        if (cache.list().size() != listed_entries) throw std::runtime_error("entries are missing");
      },
      bare);
  std::filesystem::remove_all(folder);
}

}  // namespace

void prime_hit(std::string_view kind) {
  const auto source = source_of(kind);
  const double time = seconds_of([&] { static_cast<void>(SourceModule(source)); });
  fmt::print(R"({{"compile_us": {:.3f}}})"
             "\n",
             1e6 * time);
}

void time_hits(std::string_view kind, bool with_device) {
  const auto source = source_of(kind);
  if (with_device) Device::current().make_current();
  const auto first = time_hit(source, with_device);
  std::vector<double> compiles;
  std::vector<double> loads;
  for (int i = 0; i < later_hits; ++i) {
    const auto later = time_hit(source, with_device);
    compiles.push_back(later.compile);
    loads.push_back(later.load);
  }
  fmt::print(R"({{"compile_us": {:.3f}, "load_us": {:.3f}, "again_us": {:.3f}, "again_load_us": {:.3f}}})"
             "\n",
             1e6 * first.compile, 1e6 * first.load, 1e6 * median(compiles), 1e6 * median(loads));
}

void time_bare_load() {
  const auto code = compile(plain_source);
  Device::current().make_current();
  const auto& api = driver::api();
  const double time = seconds_of([&] {
    driver::LibraryHandle library = nullptr;
    driver::KernelHandle kernel = nullptr;
    driver::FunctionHandle function = nullptr;
    if (api.cuLibraryLoadData(&library, code.cubin.data(), nullptr, nullptr, 0, nullptr, nullptr, 0) != 0 ||
        api.cuLibraryGetKernel(&kernel, library, code.kernels[0].lowered_name.c_str()) != 0 ||
        api.cuKernelGetFunction(&function, kernel) != 0)
      throw std::runtime_error("the driver failed");
  });
  fmt::print(R"({{"load_us": {:.3f}}})"
             "\n",
             1e6 * time);
}

void compare_cache() {
  compare_key();
  compare_list();
}

}  // namespace cujitsu::bench
