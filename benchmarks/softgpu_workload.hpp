// SPDX-License-Identifier: MIT
// Kernels that are written three times: in CUDA C++, in OpenCL C and as a plain loop.
#pragma once

#include <cujitsu/launch_config.hpp>

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace cujitsu::bench {

/// The plain loop has the kernel's parameters and does the work of the whole grid.
using PlainLoop = void (*)(void* out, const void* a, const void* b, int n, int m);

/// Both kernels are called `work` and have the parameters (T* out, const T* a, const T* b, int n, int m).
struct Workload {
  const char* name = nullptr;
  std::string_view cuda;
  std::string_view opencl;
  PlainLoop plain = nullptr;
  bool is_floating = false;  ///< T: float, else unsigned
  Dim3 grid;
  Dim3 block;
  std::size_t outputs = 0;  ///< elements
  std::size_t inputs = 0;   ///< of a and of b
  int n = 0;
  int m = 0;
  int rounds = 9;
  std::optional<double> goal = std::nullopt;          ///< softgpu's time by PoCL's
  std::optional<double> goal_seconds = std::nullopt;  ///< softgpu's time
};

[[nodiscard]] const std::vector<Workload>& workloads();

}  // namespace cujitsu::bench
