// SPDX-License-Identifier: MIT
#include "module/launch_errors.hpp"

#include "compile/element_types.hpp"
#include "driver/check.hpp"
#include "driver/context.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <array>
#include <utility>

namespace cujitsu::launch_errors {
namespace {

std::string describe(const ParameterType& parameter) {
  if (!parameter.c_type.empty()) return fmt::format("{} ({} bytes)", to_string(parameter), parameter.size);
  switch (parameter.kind) {
    case ParameterKind::integer:
      return parameter.size == 8 ? "a pointer or an 8-byte integer" : fmt::format("a {}-byte integer", parameter.size);
    case ParameterKind::floating: return parameter.size == 4 ? "a float (4 bytes)" : "a double (8 bytes)";
    case ParameterKind::pointer: return "a pointer (8 bytes)";
    case ParameterKind::aggregate: return fmt::format("a struct of {} bytes", parameter.size);
    case ParameterKind::unknown: return fmt::format("{} bytes", parameter.size);
  }
  return "a parameter";
}

std::string describe(const ArgumentType& argument) {
  switch (argument.kind) {
    case ArgumentType::Kind::integer: return fmt::format("a {}-byte integer", argument.size);
    case ArgumentType::Kind::floating: return fmt::format("a {}-byte floating-point number", argument.size);
    case ArgumentType::Kind::pointer:
      return fmt::format("a pointer{}{}",
                         argument.pointee.size == 0 ? "" : " to " + compiler::to_string(argument.pointee),
                         argument.points_at_const ? " that must not be written to" : "");
    case ArgumentType::Kind::bytes: return fmt::format("{} bytes", argument.size);
  }
  return "an argument";
}

std::string describe(Dim3 dimensions) { return fmt::format("({}, {}, {})", dimensions.x, dimensions.y, dimensions.z); }

std::string describe(const LaunchConfig& config) {
  auto text = fmt::format("grid {}, block {}, {} bytes of dynamic shared memory", describe(config.grid),
                          describe(config.block), config.shared);
  if (config.cluster != Dim3{}) text += fmt::format(", cluster {}", describe(config.cluster));
  if (config.cooperative) text += ", cooperative";
  if (config.programmatic_stream_serialization) text += ", programmatic stream serialization";
  if (config.priority) text += fmt::format(", priority {}", *config.priority);
  return text;
}

/// How many blocks can be resident at once.
std::string cooperative_limit(const LaunchConfig& config, const CodeLoader& loader, FunctionHandle function) {
  int blocks = 0;
  if (driver::api().cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, loader.plain_function(function),
                                                                static_cast<int>(config.block.count()),
                                                                config.shared) != driver::result::success)
    return {};
  const auto multiprocessors =
      driver::device_attribute_value(driver::device_attribute::multiprocessor_count, driver::current_device());
  return fmt::format(
      "all blocks of a cooperative launch must be resident at once: the device holds {} of these ({} on each of {} "
      "multiprocessors), the grid has {}",
      blocks * multiprocessors, blocks, multiprocessors, config.grid.count());
}

/// One sentence for the limit that was passed, or nothing.
std::string passed_limit(const KernelInfo& kernel, const LaunchConfig& config, const CodeLoader& loader,
                         FunctionHandle function) {
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
  throw ArgumentError(fmt::format("kernel '{}' takes {} argument{}, {} given: {}", kernel.name, wanted,
                                  wanted == 1 ? "" : "s", given, kernel.signature.to_string()),
                      ArgumentError::Kind::type);
}

void raise_argument(const KernelInfo& kernel, std::size_t index, const ArgumentType& argument) {
  throw ArgumentError(
      fmt::format("kernel '{}', argument {} of {}: the parameter is {}, given was {}: {}", kernel.name, index + 1,
                  kernel.signature.parameters.size(), describe(kernel.signature.parameters[index]), describe(argument),
                  kernel.signature.to_string()),
      ArgumentError::Kind::type);
}

void check_dimensions(const KernelInfo& kernel, const LaunchConfig& config) {
  for (const auto& [what, dimensions] :
       {std::pair{"grid", config.grid}, {"block", config.block}, {"cluster", config.cluster}})
    if (dimensions.count() == 0)
      throw ArgumentError(fmt::format("kernel '{}': the {} {} has a dimension of 0; each must be 1 or more",
                                      kernel.name, what, describe(dimensions)));
}

void check_shared(const KernelInfo& kernel, std::uint32_t shared, driver::DeviceHandle device) {
  const auto limit = static_cast<std::size_t>(
      driver::device_attribute_value(driver::device_attribute::max_shared_memory_per_block_optin, device));
  const auto total = std::size_t{shared} + kernel.resources.shared_bytes;
  if (total <= limit) return;
  throw LaunchError(
      fmt::format("kernel '{}': a block needs {} bytes of shared memory ({} dynamic and {} static); the device has {} "
                  "for a block",
                  kernel.name, total, shared, kernel.resources.shared_bytes, limit),
      {.code = driver::result::invalid_value,
       .name = "CUDA_ERROR_INVALID_VALUE",
       .call = "cuLaunchKernel",
       .object = kernel.name});
}

void raise_launch(driver::Result result, const KernelInfo& kernel, const LaunchConfig& config, const CodeLoader& loader,
                  FunctionHandle function) {
  check_dimensions(kernel, config);
  std::string advice;
  if (result == driver::result::invalid_value || result == driver::result::launch_out_of_resources)
    advice = passed_limit(kernel, config, loader, function);
  if (result == driver::result::cooperative_launch_too_large) advice = cooperative_limit(config, loader, function);
  if (result == driver::result::invalid_cluster_size)
    advice = "The cluster must divide the grid, and be no larger than the device and the kernel's shared memory allow";
  driver::raise(result, config.is_plain() ? "cuLaunchKernel" : "cuLaunchKernelEx",
                fmt::format("kernel '{}', {}", kernel.name, describe(config)), advice);
}

}  // namespace cujitsu::launch_errors
