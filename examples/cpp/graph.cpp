// SPDX-License-Identifier: MIT
// A graph: many small launches are recorded once and then queued by one call, with another argument each time.
#include <cujitsu/cujitsu.hpp>

#include <atomic>
#include <cmath>
#include <cstdio>
#include <memory>
#include <vector>

constexpr const char* source = R"(
__global__ void grow(float* values, float factor, int count) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) values[i] = values[i] * factor + 1;
}
)";

int main() try {
  const cujitsu::SourceModule module(source);
  if (!cujitsu::driver_report().usable || cujitsu::Device::count() == 0) {
    std::printf("compiled for %s, not launched: this machine has no CUDA device\n", module.code().arch.c_str());
    return 0;
  }
  const auto grow = module.get_function("grow");

  constexpr int count = 1000;
  constexpr int rounds = 10;
  const cujitsu::Stream stream({.non_blocking = true});
  const cujitsu::LaunchConfig config{.grid = 4, .block = 256, .stream = stream};
  const auto values_gpu = cujitsu::mem_alloc(count * sizeof(float));
  cujitsu::memset_d32_async(values_gpu, 0, count, stream);  // the stream does not wait for others

  const auto launches = std::make_shared<std::atomic<int>>(0);
  cujitsu::StreamCapture capture(stream);
  for (int i = 0; i < rounds; ++i) grow.launch(config, values_gpu, 0.5F, count);
  stream.add_callback([launches] { ++*launches; });
  const auto graph = capture.end();
  std::printf("recorded %zu operations\n", graph.nodes());

  auto exec = graph.instantiate();
  float expected = 0;
  auto bound = grow.bind(config, values_gpu, 0.5F, count);
  for (const float factor : {0.5F, 0.25F, 0.75F}) {
    bound.replace(1, factor);
    for (const auto& node : graph.kernel_nodes()) exec.update(node, bound);
    exec.launch(stream);  // one call instead of ten
    for (int i = 0; i < rounds; ++i) expected = expected * factor + 1;
  }
  stream.synchronize();

  std::vector<float> values(count);
  cujitsu::memcpy_dtoh(values.data(), values_gpu, count * sizeof(float));
  for (const float value : values)
    if (std::fabs(value - expected) > 1e-5F * expected) {
      std::printf("wrong: %g, not %g\n", value, expected);
      return 1;
    }
  if (*launches != 3) {
    std::printf("wrong: the callback ran %d times\n", launches->load());
    return 1;
  }
  std::printf("launched %d times: %d elements right\n", launches->load(), count);
  return 0;
} catch (const cujitsu::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
