// SPDX-License-Identifier: MIT
// How a kernel is launched, besides its arguments.
#pragma once

#include <cujitsu/handles.hpp>

#include <cstdint>
#include <optional>

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

/// The members behind `stream` need cuLaunchKernelEx, a driver of CUDA 11.8; `cooperative` alone does not.
struct LaunchConfig {
  Dim3 grid = {};                 ///< blocks
  Dim3 block = {};                ///< threads
  std::uint32_t shared = 0;       ///< bytes of dynamic shared memory; above 48 KiB the kernel is opted in by itself
  StreamHandle stream = nullptr;  ///< the legacy default stream
  /// Blocks of a cluster; (1, 1, 1) leaves what the kernel's own __cluster_dims__ says. Needs compute capability 9.0; a
  /// cluster of more than 8 blocks is opted in by itself.
  Dim3 cluster = {};
  bool cooperative = false;  ///< all blocks are resident at once and may wait for each other (grid.sync())
  /// The kernel may start before the one ahead of it in the stream has ended, and waits for it by
  /// cudaGridDependencySynchronize() (compute capability 9.0).
  bool programmatic_stream_serialization = false;
  std::optional<int> priority = {};  ///< lower numbers first; otherwise the stream's

  /// Whether there is nothing that plain cuLaunchKernel could not say.
  [[nodiscard]] constexpr bool is_plain() const noexcept {
    return !cooperative && !programmatic_stream_serialization && !priority && cluster.x == 1 && cluster.y == 1 &&
           cluster.z == 1;
  }
};

}  // namespace cujitsu
