// SPDX-License-Identifier: MIT
// A launch: its limits, its parameters, and its way into a stream.
#pragma once

#include "softgpu/api/objects.hpp"

namespace cujitsu::softgpu::api {

struct LaunchShape {
  Dimensions grid;
  Dimensions block;
  unsigned shared = 0;
  bool cooperative = false;
};

/// Checks everything that a driver checks at once, and issues the launch.
void launch(FunctionHandle function, const LaunchShape& shape, StreamHandle stream, void** parameters, void** extra);

}  // namespace cujitsu::softgpu::api
