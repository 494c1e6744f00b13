// SPDX-License-Identifier: MIT
#include "module/launch_attributes.hpp"

#include "driver/driver.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <array>

namespace cujitsu {

driver::Result launch_with_attributes(const KernelInfo& kernel, FunctionHandle function, const LaunchConfig& config,
                                      void** parameters) {
  const auto& table = driver::api();
  const bool has_cluster = config.cluster != Dim3{};
  if (table.cuLaunchKernelEx == nullptr) {
    if (has_cluster || config.programmatic_stream_serialization || config.priority)
      throw ArgumentError(fmt::format(
          "kernel '{}': clusters, programmatic stream serialization and a priority of a launch need a driver of CUDA "
          "11.8 or newer",
          kernel.name));
    return table.cuLaunchCooperativeKernel(function, config.grid.x, config.grid.y, config.grid.z, config.block.x,
                                           config.block.y, config.block.z, config.shared, config.stream, parameters);
  }
  std::array<driver::LaunchAttribute, 4> attributes{};
  unsigned count = 0;
  const auto next = [&](int id) -> auto& {
    attributes[count].id = id;
    return attributes[count++].value;
  };
  if (config.cooperative) next(driver::launch_attribute::cooperative).number = 1;
  if (has_cluster)
    next(driver::launch_attribute::cluster_dimension).cluster = {config.cluster.x, config.cluster.y, config.cluster.z};
  if (config.programmatic_stream_serialization)
    next(driver::launch_attribute::programmatic_stream_serialization).number = 1;
  if (config.priority) next(driver::launch_attribute::priority).number = *config.priority;
  const driver::ExtendedLaunchConfig extended{config.grid.x,     config.grid.y,  config.grid.z, config.block.x,
                                              config.block.y,    config.block.z, config.shared, config.stream,
                                              attributes.data(), count};
  return table.cuLaunchKernelEx(&extended, function, parameters, nullptr);
}

}  // namespace cujitsu
