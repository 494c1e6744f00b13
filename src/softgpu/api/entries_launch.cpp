// SPDX-License-Identifier: MIT
// cuLaunch*.
#include "softgpu/api/call.hpp"
#include "softgpu/api/entry_points.hpp"
#include "softgpu/api/launch.hpp"

#include <utility>

namespace cujitsu::softgpu::api {

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
    launch(function, std::move(shape), config->stream, parameters, extra);
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
