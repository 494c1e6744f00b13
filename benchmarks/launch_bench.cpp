// SPDX-License-Identifier: MIT
#include "benchmarks/launch_bench.hpp"

#include "benchmarks/bare_driver.hpp"
#include "benchmarks/measure.hpp"

#include <cujitsu/cujitsu.hpp>
#if __has_include(<cujitsu/graph.hpp>)
#include <cujitsu/graph.hpp>
#define CUJITSU_BENCH_GRAPHS 1
#endif

#include <array>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <stdexcept>

namespace cujitsu::bench {
namespace {

constexpr int elements = 1000;
constexpr unsigned grid = 4;
constexpr unsigned block = 256;
// Few enough that the queue of the device (1024 launches) never fills.
constexpr int launches_of_batch = 200;
constexpr int graphs_of_batch = 5;
constexpr int kernels_of_graph = 100;
constexpr int rounds = 301;

std::string kernels_source() {
  std::ifstream file(CUJITSU_BENCH_KERNELS);
  if (!file) throw std::runtime_error("cannot read " CUJITSU_BENCH_KERNELS);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string driver_path() {
  for (const auto& candidate : driver_report().candidates)
    if (candidate.chosen) return candidate.path;
  throw std::runtime_error("no driver was found");
}

DeviceBuffer zeros(std::size_t bytes) {
  DeviceBuffer buffer(bytes);
  memset_d8(buffer, 0, bytes);
  return buffer;
}

/// The two kernels with their arguments, for cujitsu and for the bare driver.
struct Subject {
  Subject() {
    const auto& image = driver_report().is_software ? module.ptx() : module.cubin();  // softgpu runs no machine code
    saxpy_bare = bare.load(image.data(), "saxpy");
    mixed_bare = bare.load(image.data(), "mixed");
  }

  void launch_4() const { saxpy.launch(config, y, x, a, n); }
  void launch_16() const { mixed.launch(config, y, x, d, i, a, b, n, m, p, q, s, c, e, f, g, h); }
  [[nodiscard]] BoundLaunch bound_4() const { return saxpy.bind(config, y, x, a, n); }
  [[nodiscard]] BoundLaunch bound_16() const {
    return mixed.bind(config, y, x, d, i, a, b, n, m, p, q, s, c, e, f, g, h);
  }
  [[nodiscard]] BareLaunch bare_4() {
    return {.function = saxpy_bare.function, .grid = grid, .block = block, .stream = nullptr, .parameters = few.data()};
  }
  [[nodiscard]] BareLaunch bare_16() {
    return {
        .function = mixed_bare.function, .grid = grid, .block = block, .stream = nullptr, .parameters = many.data()};
  }

  SourceModule module{kernels_source()};
  Kernel saxpy = module.get_function("saxpy");
  Kernel mixed = module.get_function("mixed");
  BareDriver bare{driver_path()};
  BareKernel saxpy_bare;
  BareKernel mixed_bare;
  LaunchConfig config{.grid = {grid}, .block = {block}, .shared = 0, .stream = nullptr};

  DeviceBuffer y = zeros(elements * sizeof(float));
  DeviceBuffer x = zeros(elements * sizeof(float));
  DeviceBuffer d = zeros(elements * sizeof(double));
  DeviceBuffer i = zeros(elements * sizeof(int));
  DevicePointer y_address = y.address();
  DevicePointer x_address = x.address();
  DevicePointer d_address = d.address();
  DevicePointer i_address = i.address();
  float a = 2;
  double b = 3;
  int n = elements;
  unsigned m = 5;
  long long p = 7;
  unsigned long long q = 11;
  short s = 13;
  unsigned char c = 17;
  float e = 19;
  int f = 23;
  bool g = true;
  double h = 29;
  std::array<void*, 4> few{&y_address, &x_address, &a, &n};
  std::array<void*, 16> many{&y_address, &x_address, &d_address, &i_address, &a, &b, &n, &m,
                             &p,         &q,         &s,         &c,         &e, &f, &g, &h};
};

struct Contender {
  std::string name;
  int arguments;         // of a kernel
  std::size_t baseline;  // its index among the contenders
  std::optional<double> goal_above;
  std::optional<double> goal_ratio;
  std::function<double()> batch;  // nanoseconds for each launch
  std::vector<double> times = {};
};

auto batch_of(int launches, auto call) {
  return [launches, call] {
    return 1e9 * seconds_of([&] {
             for (int k = 0; k < launches; ++k) call();
           }) /
           launches;
  };
}

std::string json(std::optional<double> value) { return value ? fmt::format("{}", *value) : "null"; }

#ifdef CUJITSU_BENCH_GRAPHS
GraphExec make_graph(const Subject& subject, const Stream& stream) {
  StreamCapture capture(stream);
  auto config = subject.config;
  config.stream = stream;
  for (int k = 0; k < kernels_of_graph; ++k) subject.saxpy.launch(config, subject.y, subject.x, subject.a, subject.n);
  return capture.end().instantiate();
}
#endif

}  // namespace

void compare_launches() {
  Subject it;
  const auto bare_4 = it.bare_4();
  const auto bare_16 = it.bare_16();
  auto bare_kernel = bare_4;
  bare_kernel.function = reinterpret_cast<driver::FunctionHandle>(it.saxpy_bare.kernel);
  const auto bound_4 = it.bound_4();
  const auto bound_16 = it.bound_16();
  const auto bare_graph = it.bare.make_graph(bare_4, kernels_of_graph);
  const auto bare = [&](const BareLaunch& launch) {
    return [&] { return it.bare.time_launches(launch, launches_of_batch); };
  };
  const auto graph = [&](bool waiting) {
    return [&it, bare_graph, waiting] { return it.bare.time_graph(bare_graph, graphs_of_batch, waiting); };
  };
  enum : std::size_t { few, many, queued_graph, awaited_graph };
  std::vector<Contender> contenders{
      {"C++: bare cuLaunchKernel", 4, few, {}, {}, bare(bare_4)},
      {"C++: bare cuLaunchKernel", 16, many, {}, {}, bare(bare_16)},
      {"C++: bare cuGraphLaunch, 100 kernels", 4, queued_graph, {}, {}, graph(false)},
      {"C++: bare cuGraphLaunch, 100 kernels, and wait", 4, awaited_graph, {}, {}, graph(true)},
      {"C++: bare cuLaunchKernel of a CUkernel", 4, few, {}, {}, bare(bare_kernel)},
      {"C++: Kernel::launch", 4, few, 20, {}, batch_of(launches_of_batch, [&] { it.launch_4(); })},
      {"C++: BoundLaunch", 4, few, 20, {}, batch_of(launches_of_batch, [&] { bound_4(); })},
      {"C++: Kernel::launch", 16, many, 20, {}, batch_of(launches_of_batch, [&] { it.launch_16(); })},
      {"C++: BoundLaunch", 16, many, 20, {}, batch_of(launches_of_batch, [&] { bound_16(); })},
  };
#ifdef CUJITSU_BENCH_GRAPHS
  const Stream stream({.non_blocking = true});
  const auto exec = make_graph(it, stream);
  contenders.push_back(
      {"C++: GraphExec::launch, 100 kernels", 4, queued_graph, {}, 1.05, batch_of(graphs_of_batch, [&] {
         exec.launch(stream);
       })});
  contenders.push_back(
      {"C++: GraphExec::launch, 100 kernels, and wait", 4, awaited_graph, {}, 1.05, batch_of(graphs_of_batch, [&] {
         exec.launch(stream);
         stream.synchronize();
       })});
#endif
  for (int round = -2; round < rounds; ++round) {  // two to warm up
    for (std::size_t k = 0; k < contenders.size(); ++k) {
      auto& contender = contenders[(k + static_cast<std::size_t>(round + 2)) % contenders.size()];
      const double nanoseconds = contender.batch();
      it.bare.synchronize();
      if (round >= 0) contender.times.push_back(nanoseconds);
    }
  }
  for (const auto& contender : contenders)
    fmt::print(R"({{"name": "{}", "arguments": {}, "ns": {:.2f}, "bare_ns": {:.2f}, "goal_above_ns": {}, )"
               R"("goal_ratio": {}}})"
               "\n",
               contender.name, contender.arguments, median(contender.times),
               median(contenders[contender.baseline].times), json(contender.goal_above), json(contender.goal_ratio));
  std::fflush(stdout);
}

void repeat_launches(std::string_view form, int count) {
  Subject it;
  const auto repeat = [count](const auto& call) {
    const auto loop = [&](int times) {
      for (int k = 0; k < times; ++k) call();
    };
    loop(100);  // what happens once is over
    auto counted = [&] { loop(count); };
    cujitsu_counted_region([](void* data) { (*static_cast<decltype(counted)*>(data))(); }, &counted);
  };
  if (form == "bare-4") {
    repeat([&, launch = it.bare_4()] { it.bare.launch(launch); });
  } else if (form == "bare-16") {
    repeat([&, launch = it.bare_16()] { it.bare.launch(launch); });
  } else if (form == "launch-4") {
    repeat([&] { it.launch_4(); });
  } else if (form == "launch-16") {
    repeat([&] { it.launch_16(); });
  } else if (form == "bound-4") {
    repeat(it.bound_4());
  } else if (form == "bound-16") {
    repeat(it.bound_16());
  } else {
    throw std::invalid_argument("no form of a launch: " + std::string(form));
  }
}

}  // namespace cujitsu::bench
