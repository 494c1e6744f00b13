// SPDX-License-Identifier: MIT
// The process: cuInit and its environment variables, forks, and the end.
#pragma once

#include <cstdint>

namespace cujitsu::softgpu::api {

struct Configuration {
  std::uint64_t memory = 0;  ///< bytes of each device
  unsigned devices = 1;
  unsigned threads = 1;
};

/// What cuInit does, once; fails when a variable has a value that it can not have.
void initialize();
[[nodiscard]] bool is_initialized() noexcept;
[[nodiscard]] const Configuration& configuration();

}  // namespace cujitsu::softgpu::api
