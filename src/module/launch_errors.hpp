// SPDX-License-Identifier: MIT
// Why a launch can not be: the cold paths, with the numbers.
#pragma once

#include "driver/api.hpp"
#include "module/loader.hpp"

#include <cujitsu/kernel.hpp>

namespace cujitsu::launch_errors {

/// The kernel was given a wrong number of arguments.
[[noreturn, gnu::cold]] void raise_count(const KernelInfo& kernel, std::size_t given);

/// Argument `index` (from 0) has another size or kind than its parameter.
[[noreturn, gnu::cold]] void raise_argument(const KernelInfo& kernel, std::size_t index,
                                            const KernelArgument& argument);

/// Throws LaunchError when the device does not have as much shared memory for a block.
void check_shared(const KernelInfo& kernel, const LaunchConfig& config, driver::DeviceHandle device);

/// The driver refused the launch: says which limit was passed, where one was.
[[noreturn, gnu::cold]] void raise_launch(driver::Result result, const KernelInfo& kernel, const LaunchConfig& config,
                                          const CodeLoader& loader, driver::FunctionHandle function);

}  // namespace cujitsu::launch_errors
