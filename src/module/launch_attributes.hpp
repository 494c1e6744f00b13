// SPDX-License-Identifier: MIT
// Launches that say more than cuLaunchKernel can.
#pragma once

#include "driver/api.hpp"

#include <cujitsu/kernel.hpp>

namespace cujitsu {

/// By cuLaunchKernelEx, or cuLaunchCooperativeKernel where the driver is older than CUDA 11.8. Throws ArgumentError for
/// what such a driver can not do; returns what the driver says.
[[nodiscard]] driver::Result launch_with_attributes(const KernelInfo& kernel, FunctionHandle function,
                                                    const LaunchConfig& config, void** parameters);

}  // namespace cujitsu
