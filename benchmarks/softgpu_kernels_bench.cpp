// SPDX-License-Identifier: MIT
// Whole kernels on softgpu, on PoCL and as plain loops, and what a launch takes.
#include "benchmarks/measure.hpp"
#include "benchmarks/opencl.hpp"
#include "benchmarks/softgpu_bench.hpp"
#include "benchmarks/softgpu_row.hpp"
#include "benchmarks/softgpu_workload.hpp"

#include <cujitsu/cujitsu.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <vector>

namespace cujitsu::bench {
namespace {

/// An element of either type; a and b are the same numbers everywhere.
std::vector<std::uint32_t> numbers(const Workload& workload, unsigned seed) {
  std::vector<std::uint32_t> result(workload.inputs);
  for (auto& each : result) {
    seed = seed * 1664525U + 1013904223U;
    each = seed;
    const float value = static_cast<float>(seed >> 8) / (1U << 24);
    if (workload.is_floating) std::memcpy(&each, &value, sizeof each);
  }
  return result;
}

/// Whether both did the same work. Compilers may fuse multiplications and additions as they like, which can move a
/// point of the Mandelbrot set by a step: one element in a hundred may differ.
bool agree(const Workload& workload, const std::vector<std::uint32_t>& left, const std::vector<std::uint32_t>& right) {
  std::size_t different = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    double a = left[i];
    double b = right[i];
    if (workload.is_floating) {
      float x = 0;
      float y = 0;
      std::memcpy(&x, &left[i], sizeof x);
      std::memcpy(&y, &right[i], sizeof y);
      a = x;
      b = y;
    }
    if (!(std::abs(a - b) <= 1e-3 * std::abs(a))) ++different;
  }
  return different <= left.size() / 100;
}

class SoftKernel {
 public:
  SoftKernel(const Workload& workload, const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b)
      : out_(mem_alloc(4 * workload.outputs)), a_(upload(a)), b_(upload(b)), kernel_(bind(workload)) {}

  void run() const {
    kernel_();
    synchronize();
  }

  [[nodiscard]] std::vector<std::uint32_t> result() const {
    std::vector<std::uint32_t> values(out_.size() / 4);
    memcpy_dtoh(values.data(), out_, out_.size());
    return values;
  }

 private:
  static DeviceBuffer upload(const std::vector<std::uint32_t>& values) {
    auto buffer = mem_alloc(std::max<std::size_t>(4 * values.size(), 16));
    if (!values.empty()) memcpy_htod(buffer, values.data(), 4 * values.size());
    return buffer;
  }

  BoundLaunch bind(const Workload& workload) const {
    const SourceModule module(workload.cuda);
    return module.get_function("work").bind({.grid = workload.grid, .block = workload.block}, out_, a_, b_, workload.n,
                                            workload.m);
  }

  DeviceBuffer out_;
  DeviceBuffer a_;
  DeviceBuffer b_;
  BoundLaunch kernel_;
};

struct Times {
  double ours = std::numeric_limits<double>::infinity();
  double pocl = std::numeric_limits<double>::infinity();
  double plain = std::numeric_limits<double>::infinity();
};

void compare_kernel(const Workload& workload, OpenCl* opencl) {
  const auto a = numbers(workload, 1);
  const auto b = numbers(workload, 2);
  const SoftKernel soft(workload, a, b);
  std::unique_ptr<OpenCl::Kernel> pocl;
  if (opencl != nullptr) {
    const OpenCl::Shape shape{{workload.grid.x * workload.block.x, workload.grid.y * workload.block.y},
                              {workload.block.x, workload.block.y}};
    pocl = opencl->make(workload.opencl, shape, 4 * workload.outputs, a.data(), b.data(), 4 * workload.inputs,
                        workload.n, workload.m);
  }
  std::vector<std::uint32_t> native(workload.outputs);
  const auto run_plain = [&] { workload.plain(native.data(), a.data(), b.data(), workload.n, workload.m); };

  // Once to warm up (PoCL compiles at the first run), and to see that all do the same.
  soft.run();
  run_plain();
  if (!agree(workload, soft.result(), native)) throw std::runtime_error(fmt::format("{}: wrong", workload.name));
  if (pocl) {
    pocl->run();
    std::vector<std::uint32_t> values(workload.outputs);
    pocl->read(values.data(), 4 * values.size());
    if (!agree(workload, values, native)) throw std::runtime_error(fmt::format("{}: PoCL differs", workload.name));
  }
  Times least;
  for (int i = 0; i < workload.rounds; ++i) {
    least.ours = std::min(least.ours, cpu_seconds_of([&] { soft.run(); }));
    if (pocl) least.pocl = std::min(least.pocl, cpu_seconds_of([&] { pocl->run(); }));
    least.plain = std::min(least.plain, cpu_seconds_of(run_plain));
  }
  if (pocl) print_row(workload.name, "PoCL, the same kernel in OpenCL C", least.ours, least.pocl, workload.goal);
  print_row(workload.name, "a plain C loop", least.ours, least.plain, std::nullopt);
  if (workload.goal_seconds) print_row(workload.name, "the goal", least.ours, *workload.goal_seconds, 1.0);
}

/// What the caller waits for: on the wall.
void measure_launch() {
  const SourceModule module(R"(extern "C" __global__ void nothing() {})");
  const auto launch = module.get_function("nothing").bind({.grid = 1, .block = 32});
  launch();
  synchronize();
  double least = std::numeric_limits<double>::infinity();
  for (int round = 0; round < 50; ++round) {
    constexpr int launches = 200;
    const double time = seconds_of([&] {
      for (int i = 0; i < launches; ++i) {
        launch();
        synchronize();
      }
    });
    least = std::min(least, time / launches);
  }
  print_row("launch of an empty kernel and synchronize", "the goal", least, 15e-6, 1.0);
}

}  // namespace

void compare_kernels() {
  std::string why_not;
  const auto opencl = OpenCl::open(why_not);
  if (opencl)
    std::fprintf(stderr, "PoCL: %s\n", opencl->describe().c_str());
  else
    std::fprintf(stderr, "no rows against PoCL: %s\n", why_not.c_str());
  for (const auto& workload : workloads()) compare_kernel(workload, opencl.get());
  measure_launch();
}

void time_kernel_of_all_threads() {
  const auto& workload = workloads().front();
  const auto a = numbers(workload, 1);
  const SoftKernel soft(workload, a, a);
  soft.run();
  double least = std::numeric_limits<double>::infinity();
  for (int round = 0; round < 15; ++round) least = std::min(least, seconds_of([&] { soft.run(); }));
  fmt::print(R"({{"kernel_us": {:.3f}}})"
             "\n",
             1e6 * least);
}

}  // namespace cujitsu::bench
