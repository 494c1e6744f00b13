// SPDX-License-Identifier: MIT
// How a kernel is launched, besides its arguments.
#pragma once

#include <cujitsu/handles.hpp>

#include <cstdint>

namespace cujitsu {

/// Blocks in a grid or threads in a block, along x, y and z.
struct Dim3 {
  std::uint32_t x = 1;
  std::uint32_t y = 1;
  std::uint32_t z = 1;

  constexpr Dim3(std::uint32_t x_ = 1, std::uint32_t y_ = 1, std::uint32_t z_ = 1) noexcept : x(x_), y(y_), z(z_) {}
  [[nodiscard]] constexpr std::uint64_t count() const noexcept { return std::uint64_t{x} * y * z; }

  friend bool operator==(const Dim3&, const Dim3&) = default;
};

struct LaunchConfig {
  Dim3 grid = {};                 ///< blocks
  Dim3 block = {};                ///< threads
  std::uint32_t shared = 0;       ///< bytes of dynamic shared memory; above 48 KiB the kernel is opted in by itself
  StreamHandle stream = nullptr;  ///< the legacy default stream
};

}  // namespace cujitsu
