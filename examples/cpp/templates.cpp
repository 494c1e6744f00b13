// SPDX-License-Identifier: MIT
// Template kernels: name expressions say which instances to make, and get_function takes the same text.
#include <cujitsu/cujitsu.hpp>

#include <cstdio>
#include <numeric>
#include <vector>

constexpr const char* source = R"(
namespace math {

template <class T, int Factor>
__global__ void scale(T* values, int count) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) values[i] = values[i] * T(Factor);
}

}  // namespace math
)";

template <class T>
bool scale_by_three(const cujitsu::SourceModule& module, const char* instance) {
  constexpr int count = 1000;
  std::vector<T> values(count);
  std::iota(values.begin(), values.end(), T{0});

  const auto bytes = count * sizeof(T);
  const auto values_gpu = cujitsu::mem_alloc(bytes);
  cujitsu::memcpy_htod(values_gpu, values.data(), bytes);
  module.get_function(instance).launch({.grid = 4, .block = 256}, values_gpu, count);
  cujitsu::memcpy_dtoh(values.data(), values_gpu, bytes);

  T expected{0};
  for (const T value : values) {
    if (value != expected) {
      std::printf("wrong: %s left %g where %g belongs\n", instance, double(value), double(expected));
      return false;
    }
    expected += 3;
  }
  std::printf("%s scaled %d values\n", instance, count);
  return true;
}

int main() try {
  const cujitsu::SourceModule module(source, {.name_expressions = {"math::scale<float, 3>", "math::scale<int, 3>"}});
  for (const auto& [name, lowered] : module.code().lowered_names)
    std::printf("%s is %s to the driver\n", name.c_str(), lowered.c_str());

  if (!cujitsu::driver_report().usable || cujitsu::Device::count() == 0) {
    std::printf("compiled for %s, not launched: this machine has no CUDA device\n", module.code().arch.c_str());
    return 0;
  }
  const bool right =
      scale_by_three<float>(module, "math::scale<float, 3>") && scale_by_three<int>(module, "math::scale<int, 3>");
  return right ? 0 : 1;
} catch (const cujitsu::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
