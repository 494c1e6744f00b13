// SPDX-License-Identifier: MIT
// Compiles a kernel, says what it found, and launches it where there is a device.
#include <cujitsu/cujitsu.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <vector>

namespace {

constexpr const char* source = R"(
extern "C" __global__ void add(const float* a, const float* b, float* c, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) c[i] = a[i] + b[i];
}
)";

bool has_device() {
  try {
    return cujitsu::Device::count() > 0;
  } catch (const cujitsu::LoadError&) {
    return false;
  }
}

bool launch_adds(const cujitsu::SourceModule& module) {
  constexpr int n = 400;
  constexpr std::size_t bytes = n * sizeof(float);
  const std::vector<float> a(n, 1.5f);
  const std::vector<float> b(n, 2.0f);
  std::vector<float> c(n);
  const auto a_gpu = cujitsu::mem_alloc(bytes);
  const auto b_gpu = cujitsu::mem_alloc(bytes);
  const auto c_gpu = cujitsu::mem_alloc(bytes);
  cujitsu::memcpy_htod(a_gpu, a.data(), bytes);
  cujitsu::memcpy_htod(b_gpu, b.data(), bytes);
  module.get_function("add").launch({.grid = {1}, .block = {n}}, a_gpu, b_gpu, c_gpu, n);
  cujitsu::memcpy_dtoh(c.data(), c_gpu, bytes);
  return c == std::vector<float>(n, 3.5f);
}

}  // namespace

int main() {
  try {
    if (!cujitsu::nvrtc_report().usable) {
      std::puts("no NVRTC here: linked and ran, compiled nothing");
      return EXIT_SUCCESS;
    }
    const cujitsu::SourceModule module(source);
    for (const auto& kernel : module.kernels())
      std::printf("kernel %s (%s), %zu bytes of PTX\n", kernel.name.c_str(), kernel.lowered_name.c_str(),
                  module.ptx().size());
    if (module.kernels().size() != 1) return EXIT_FAILURE;
    if (!has_device()) {
      std::puts("no CUDA device: compiled, not launched");
      return EXIT_SUCCESS;
    }
    const bool right = launch_adds(module);
    std::puts(right ? "launched: right" : "launched: wrong");
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return EXIT_FAILURE;
  }
}
