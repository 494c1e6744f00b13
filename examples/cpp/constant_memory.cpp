// SPDX-License-Identifier: MIT
// __constant__ and __device__ variables: get_global says where they are and how large.
#include <cujitsu/cujitsu.hpp>

#include <array>
#include <cstddef>
#include <cstdio>
#include <vector>

constexpr const char* source = R"(
__constant__ float coefficients[4];  // written by the host
__device__ unsigned int evaluated;   // read by the host

__global__ void polynomial(float* values, const float* x, int count) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= count) return;
  float value = 0;
  for (int k = 3; k >= 0; --k) value = value * x[i] + coefficients[k];
  values[i] = value;
  atomicAdd(&evaluated, 1U);
}
)";

int main() try {
  const cujitsu::SourceModule module(source);
  for (const auto& [name, lowered] : module.code().globals)
    std::printf("global %s is %s to the driver\n", name.c_str(), lowered.c_str());

  if (!cujitsu::driver_report().usable || cujitsu::Device::count() == 0) {
    std::printf("compiled for %s, not launched: this machine has no CUDA device\n", module.code().arch.c_str());
    return 0;
  }

  constexpr std::array<float, 4> coefficients{1.0F, -2.0F, 0.5F, 0.25F};
  const auto coefficients_gpu = module.get_global("coefficients");
  if (coefficients_gpu.size() != sizeof coefficients) {
    std::printf("wrong: coefficients has %zu bytes, not %zu\n", coefficients_gpu.size(), sizeof coefficients);
    return 1;
  }
  cujitsu::memcpy_htod(coefficients_gpu, coefficients.data(), sizeof coefficients);
  const auto evaluated_gpu = module.get_global("evaluated");
  cujitsu::memset_d32(evaluated_gpu, 0, 1);

  // Small whole numbers, for which every step is exact in float.
  constexpr unsigned int count = 64;
  std::vector<float> x(count), values(count);
  for (unsigned int i = 0; i < count; ++i) x[i] = static_cast<float>(i) - 32;
  const auto bytes = count * sizeof(float);
  const auto x_gpu = cujitsu::mem_alloc(bytes);
  const auto values_gpu = cujitsu::mem_alloc(bytes);
  cujitsu::memcpy_htod(x_gpu, x.data(), bytes);
  module.get_function("polynomial").launch({.grid = 1, .block = count}, values_gpu, x_gpu, count);
  cujitsu::memcpy_dtoh(values.data(), values_gpu, bytes);
  unsigned int evaluated = 0;
  cujitsu::memcpy_dtoh(&evaluated, evaluated_gpu, sizeof evaluated);

  for (unsigned int i = 0; i < count; ++i) {
    const auto expected =
        ((coefficients[3] * x[i] + coefficients[2]) * x[i] + coefficients[1]) * x[i] + coefficients[0];
    if (values[i] != expected) {
      std::printf("wrong: the polynomial at %g is %g, not %g\n", x[i], values[i], expected);
      return 1;
    }
  }
  if (evaluated != count) {
    std::printf("wrong: %u threads counted themselves, not %u\n", evaluated, count);
    return 1;
  }
  std::printf("evaluated a polynomial from constant memory at %u points\n", evaluated);
  return 0;
} catch (const cujitsu::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
