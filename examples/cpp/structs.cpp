// SPDX-License-Identifier: MIT
// A struct as a kernel argument, by value: any trivially copyable one, laid out alike on both sides.
#include <cujitsu/cujitsu.hpp>

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <vector>

struct Wave {
  double amplitude;
  float frequency;
  int harmonics;
};

// The kernel's own declaration of the same struct; the two must have the same members in the same order.
constexpr const char* source = R"(
struct Wave {
  double amplitude;
  float frequency;
  int harmonics;
};

__global__ void sample(double* values, Wave wave, int count) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= count) return;
  double sum = 0;
  for (int k = 1; k <= wave.harmonics; ++k) sum += wave.amplitude / k * sin(k * wave.frequency * i);
  values[i] = sum;
}
)";

int main() try {
  const cujitsu::SourceModule module(source);
  const auto& signature = module.kernels().at(0).signature;
  std::printf("%s: the struct takes %zu bytes at offset %zu\n", signature.to_string().c_str(),
              signature.parameters.at(1).size, signature.parameters.at(1).offset);
  if (signature.parameters.at(1).size != sizeof(Wave)) {
    std::printf("wrong: it has %zu bytes on the host\n", sizeof(Wave));
    return 1;
  }

  if (!cujitsu::driver_report().usable || cujitsu::Device::count() == 0) {
    std::printf("compiled for %s, not launched: this machine has no CUDA device\n", module.code().arch.c_str());
    return 0;
  }

  constexpr int count = 512;
  const Wave wave{.amplitude = 2.5, .frequency = 0.125F, .harmonics = 4};
  const auto values_gpu = cujitsu::mem_alloc(count * sizeof(double));
  module.get_function("sample").launch({.grid = 2, .block = 256}, values_gpu, wave, count);
  std::vector<double> values(count);
  cujitsu::memcpy_dtoh(values.data(), values_gpu, count * sizeof(double));

  for (std::size_t i = 0; i < values.size(); ++i) {
    double expected = 0;
    for (int k = 1; k <= wave.harmonics; ++k)
      expected += wave.amplitude / k * std::sin(static_cast<float>(k) * wave.frequency * static_cast<float>(i));
    if (std::abs(values[i] - expected) > 1e-4) {
      std::printf("wrong: sample %zu is %g, not %g\n", i, values[i], expected);
      return 1;
    }
  }
  std::printf("sampled a wave of %d harmonics at %d points\n", wave.harmonics, count);
  return 0;
} catch (const cujitsu::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
