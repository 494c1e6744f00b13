// SPDX-License-Identifier: MIT
// Two streams that work side by side, an event that makes one wait for the other, and timing.
#include <cujitsu/cujitsu.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdio>

constexpr const char* source = R"(
__global__ void fill(float* values, float value, int count) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) values[i] = value;
}
__global__ void accumulate(float* into, const float* values, int count) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) into[i] += values[i];
}
)";

int main() try {
  const cujitsu::SourceModule module(source);
  if (!cujitsu::driver_report().usable || cujitsu::Device::count() == 0) {
    std::printf("compiled for %s, not launched: this machine has no CUDA device\n", module.code().arch.c_str());
    return 0;
  }
  const auto fill = module.get_function("fill");
  const auto accumulate = module.get_function("accumulate");

  constexpr int count = 1 << 22;
  constexpr std::size_t bytes = count * sizeof(float);
  const cujitsu::Stream left({.non_blocking = true});
  const cujitsu::Stream right({.non_blocking = true});
  // Stream-ordered memory: it may be used in the stream that it was made for, without waiting.
  const auto left_gpu = cujitsu::mem_alloc(bytes, left);
  const auto right_gpu = cujitsu::mem_alloc(bytes, right);
  // Page-locked, so that the copy below runs while the host goes on.
  const cujitsu::HostBuffer result(bytes);

  const cujitsu::Event start, filled({.timing = false}), end;
  start.record(left);
  fill.launch({.grid = 256, .block = 256, .stream = left}, left_gpu, 1.5F, count);
  fill.launch({.grid = 256, .block = 256, .stream = right}, right_gpu, 2.0F, count);
  filled.record(right);

  left.wait(filled);  // on the device; the host does not stop here
  accumulate.launch({.grid = 256, .block = 256, .stream = left}, left_gpu, right_gpu, count);
  cujitsu::memcpy_dtoh_async(result.data(), left_gpu, bytes, left);
  end.record(left);
  std::printf("queued two fills, one sum and one copy\n");
  end.synchronize();

  const auto* values = static_cast<const float*>(result.data());
  const auto* wrong = std::find_if(values, values + count, [](float value) { return value != 3.5F; });
  if (wrong != values + count) {
    std::printf("wrong: element %td is %g, not 3.5\n", wrong - values, *wrong);
    return 1;
  }
  const float milliseconds = end.time_since(start);
  if (!(milliseconds > 0)) {
    std::printf("wrong: the work took %g ms\n", milliseconds);
    return 1;
  }
  std::printf("all done after %.3f ms on the device: %d elements right\n", milliseconds, count);
  return 0;
} catch (const cujitsu::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
