// SPDX-License-Identifier: MIT
#include "module/launch_errors.hpp"

#include "driver/check.hpp"
#include "driver/context.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <array>

namespace cujitsu::launch_errors {
namespace {

std::string describe(const ParameterType& parameter) {
  if (!parameter.c_type.empty()) return fmt::format("{} ({} bytes)", parameter.c_type, parameter.size);
  switch (parameter.kind) {
    case ParameterKind::integer:
      return parameter.size == 8 ? "a pointer or an 8-byte integer" : fmt::format("a {}-byte integer", parameter.size);
    case ParameterKind::floating: return parameter.size == 4 ? "a float (4 bytes)" : "a double (8 bytes)";
    case ParameterKind::pointer: return "a pointer (8 bytes)";
    case ParameterKind::aggregate: return fmt::format("a struct of {} bytes", parameter.size);
  }
  return "a parameter";
}

std::string describe(const KernelArgument& argument) {
  switch (argument.kind) {
    case KernelArgument::Kind::integer: return fmt::format("a {}-byte integer", argument.size);
    case KernelArgument::Kind::floating: return fmt::format("a {}-byte floating-point number", argument.size);
    case KernelArgument::Kind::pointer: return "a pointer";
    case KernelArgument::Kind::bytes: return fmt::format("{} bytes", argument.size);
  }
  return "an argument";
}

std::string full_name(const KernelInfo& kernel) { return kernel.name + kernel.signature.to_string(); }

std::string describe(Dim3 dimensions) { return fmt::format("({}, {}, {})", dimensions.x, dimensions.y, dimensions.z); }

/// One sentence for the limit that was passed, or nothing.
std::string passed_limit(const KernelInfo& kernel, const LaunchConfig& config, const CodeLoader& loader,
                         driver::FunctionHandle function) {
  using driver::device_attribute_value;
  const auto device = driver::current_device();
  const auto most_in_any_kernel =
      static_cast<std::uint64_t>(device_attribute_value(driver::device_attribute::max_threads_per_block, device));
  const auto most =
      static_cast<std::uint64_t>(loader.attribute(function, driver::function_attribute::max_threads_per_block));
  if (config.block.count() > most)
    return fmt::format(
        "the block {} has {} threads; {} allows at most {}", describe(config.block), config.block.count(),
        most < most_in_any_kernel ? fmt::format("this kernel ({} registers a thread)", kernel.resources.registers)
                                  : "the device",
        most);
  const std::array block{config.block.x, config.block.y, config.block.z};
  const std::array grid{config.grid.x, config.grid.y, config.grid.z};
  for (int axis = 0; axis < 3; ++axis) {
    const auto i = static_cast<std::size_t>(axis);
    const auto block_limit = device_attribute_value(driver::device_attribute::max_block_dim_x + axis, device);
    if (block[i] > static_cast<unsigned>(block_limit))
      return fmt::format("the block {} is larger than {} along {}", describe(config.block), block_limit, "xyz"[axis]);
    const auto grid_limit = device_attribute_value(driver::device_attribute::max_grid_dim_x + axis, device);
    if (grid[i] > static_cast<unsigned>(grid_limit))
      return fmt::format("the grid {} is larger than {} along {}", describe(config.grid), grid_limit, "xyz"[axis]);
  }
  return {};
}

}  // namespace

void raise_count(const KernelInfo& kernel, std::size_t given) {
  const auto wanted = kernel.signature.parameters.size();
  throw ArgumentError(fmt::format("kernel '{}' takes {} argument{}, {} {} given: {}", kernel.name, wanted,
                                  wanted == 1 ? "" : "s", given, given == 1 ? "was" : "were", full_name(kernel)),
                      ArgumentError::Kind::type);
}

void raise_argument(const KernelInfo& kernel, std::size_t index, const KernelArgument& argument) {
  throw ArgumentError(fmt::format("kernel '{}', argument {} of {}: the parameter is {}, given was {}: {}", kernel.name,
                                  index + 1, kernel.signature.parameters.size(),
                                  describe(kernel.signature.parameters[index]), describe(argument), full_name(kernel)),
                      ArgumentError::Kind::type);
}

void check_shared(const KernelInfo& kernel, const LaunchConfig& config, driver::DeviceHandle device) {
  const auto limit = static_cast<std::size_t>(
      driver::device_attribute_value(driver::device_attribute::max_shared_memory_per_block_optin, device));
  const auto total = std::size_t{config.shared} + kernel.resources.shared_bytes;
  if (total <= limit) return;
  throw LaunchError(
      fmt::format("kernel '{}': a block needs {} bytes of shared memory ({} dynamic and {} static); the device has {} "
                  "for a block",
                  kernel.name, total, config.shared, kernel.resources.shared_bytes, limit),
      {.code = driver::result::invalid_value,
       .name = "CUDA_ERROR_INVALID_VALUE",
       .call = "cuLaunchKernel",
       .object = kernel.name});
}

void raise_launch(driver::Result result, const KernelInfo& kernel, const LaunchConfig& config, const CodeLoader& loader,
                  driver::FunctionHandle function) {
  std::string advice;
  if (result == driver::result::invalid_value || result == driver::result::launch_out_of_resources)
    advice = passed_limit(kernel, config, loader, function);
  driver::raise(result, "cuLaunchKernel",
                fmt::format("kernel '{}', grid {}, block {}, {} bytes of dynamic shared memory", kernel.name,
                            describe(config.grid), describe(config.block), config.shared),
                advice);
}

}  // namespace cujitsu::launch_errors
