// SPDX-License-Identifier: MIT
// A CUDA C++ string compiled, launched and checked. Run it twice: the second time nothing is compiled.
#include <cujitsu/cujitsu.hpp>

#include <cstddef>
#include <cstdio>
#include <numeric>
#include <vector>

constexpr const char* source = R"(
__global__ void add(float* sum, const float* a, const float* b, int count) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) sum[i] = a[i] + b[i];
}
)";

int main() try {
  const cujitsu::SourceModule module(source);
  const auto& code = module.code();
  std::printf("compiled for %s; cache %s: %s\n", code.arch.c_str(), to_string(module.cache_status()).data(),
              module.explain().c_str());
  for (const auto& kernel : module.kernels())
    std::printf("kernel %s, %d registers\n", kernel.signature.to_string().c_str(), kernel.resources.registers);

  if (!cujitsu::driver_report().usable || cujitsu::Device::count() == 0) {
    std::printf("not launched: this machine has no CUDA device\n");
    return 0;
  }

  constexpr int count = 100'000;
  std::vector<float> a(count), b(count), sum(count);
  std::iota(a.begin(), a.end(), 0.0F);
  std::iota(b.begin(), b.end(), 0.5F);
  const auto bytes = count * sizeof(float);
  const auto a_gpu = cujitsu::mem_alloc(bytes);
  const auto b_gpu = cujitsu::mem_alloc(bytes);
  const auto sum_gpu = cujitsu::mem_alloc(bytes);
  cujitsu::memcpy_htod(a_gpu, a.data(), bytes);
  cujitsu::memcpy_htod(b_gpu, b.data(), bytes);

  const auto add = module.get_function("add");
  add.launch({.grid = (count + 255) / 256, .block = 256}, sum_gpu, a_gpu, b_gpu, count);
  cujitsu::memcpy_dtoh(sum.data(), sum_gpu, bytes);

  for (std::size_t i = 0; i < sum.size(); ++i)
    if (sum[i] != a[i] + b[i]) {
      std::printf("wrong: sum[%zu] is %g, not %g\n", i, sum[i], a[i] + b[i]);
      return 1;
    }
  std::printf("added %d pairs on %s\n", count, cujitsu::Device::current().name().c_str());
  return 0;
} catch (const cujitsu::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
