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
[[noreturn, gnu::cold]] void raise_argument(const KernelInfo& kernel, std::size_t index, const ArgumentType& argument);

/// Throws ArgumentError for a dimension of 0.
void check_dimensions(const KernelInfo& kernel, const LaunchConfig& config);

/// Throws LaunchError when the device does not have as much shared memory for a block: `shared` bytes of it dynamic.
void check_shared(const KernelInfo& kernel, std::uint32_t shared, driver::DeviceHandle device);

/// The driver refused the launch: says which limit was passed, where one was. Throws ArgumentError for a dimension of 0.
[[noreturn, gnu::cold]] void raise_launch(driver::Result result, const KernelInfo& kernel, const LaunchConfig& config,
                                          const CodeLoader& loader, FunctionHandle function);

}  // namespace cujitsu::launch_errors
