// SPDX-License-Identifier: MIT
// cuLaunch*.
#include "softgpu/api/call.hpp"
#include "softgpu/api/entry_points.hpp"
#include "softgpu/api/launch.hpp"

#include <fmt/format.h>

namespace cujitsu::softgpu::api {
namespace {

enum Attribute : int {
  ignore = 0,
  cooperative = 2,
  synchronization_policy = 3,
  cluster_dimension = 4,
  cluster_policy = 5,
  priority = 8,
  preferred_cluster = 11,
  carveout = 14,
};

/// Hints are met by any machine; whatever a kernel could notice is refused.
void apply(const LaunchAttribute& attribute, LaunchShape& shape) {
  switch (attribute.id) {
    case ignore:
    case synchronization_policy:
    case priority:
    case carveout: return;
    case cooperative: shape.cooperative = attribute.value.cooperative != 0; return;
    case cluster_dimension: {
      const auto& [x, y, z] = attribute.value.cluster;
      if (x <= 1 && y <= 1 && z <= 1) return;
      fail(result::not_supported, fmt::format("a cluster of ({}, {}, {}) blocks: clusters are not supported", x, y, z));
    }
    default: fail(result::not_supported, fmt::format("the launch attribute {} is not supported", attribute.id));
  }
}

}  // namespace

extern "C" {

Result cuLaunchKernel(FunctionHandle function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                      unsigned block_y, unsigned block_z, unsigned shared, StreamHandle stream, void** parameters,
                      void** extra) {
  return answer_in_context("cuLaunchKernel", [&](Context&) {
    launch(function, {{grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared, false}, stream, parameters, extra);
  });
}

Result cuLaunchKernelEx(const LaunchConfig* config, FunctionHandle function, void** parameters, void** extra) {
  return answer_in_context("cuLaunchKernelEx", [&](Context&) {
    check_pointer(config, "the configuration");
    LaunchShape shape{{config->grid_x, config->grid_y, config->grid_z},
                      {config->block_x, config->block_y, config->block_z},
                      config->shared,
                      false};
    if (config->attribute_count != 0) check_pointer(config->attributes, "the list of attributes");
    for (unsigned i = 0; i < config->attribute_count; ++i) apply(config->attributes[i], shape);
    launch(function, shape, config->stream, parameters, extra);
  });
}

Result cuLaunchCooperativeKernel(FunctionHandle function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                                 unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared,
                                 StreamHandle stream, void** parameters) {
  return answer_in_context("cuLaunchCooperativeKernel", [&](Context&) {
    launch(function, {{grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared, true}, stream, parameters,
           nullptr);
  });
}

}  // extern "C"

}  // namespace cujitsu::softgpu::api
