// SPDX-License-Identifier: MIT
// cuLaunchKernelEx's attributes: what each one means on a device of compute capability 8.0.
#include "softgpu/api/launch.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cujitsu::softgpu::api {
namespace {

enum Attribute : int {
  ignore = 0,
  access_policy_window = 1,
  cooperative = 2,
  synchronization_policy = 3,
  cluster_dimension = 4,
  cluster_policy = 5,
  programmatic_serialization = 6,
  priority = 8,
  domain_map = 9,
  domain = 10,
  preferred_cluster = 11,
  completion_event = 12,
  device_updatable = 13,
  carveout = 14,
};

void check_cluster(const LaunchAttribute& attribute) {
  const auto& [x, y, z] = attribute.value.cluster;
  if (x > 1 || y > 1 || z > 1)
    fail(result::not_supported, fmt::format("a cluster of ({}, {}, {}) blocks: clusters are not supported", x, y, z));
}

/// Fails when a launch could not record it.
void check_completion(const LaunchAttribute& attribute) {
  const auto& [handle, flags] = attribute.value.completion;
  if (flags != 0) fail(result::invalid_value, fmt::format("{:#x} are no flags of a launch completion event", flags));
  if (event_of(handle)->has_timing())
    fail(result::invalid_value, "a launch completion event is created with CU_EVENT_DISABLE_TIMING");
}

}  // namespace

bool is_node_attribute(int id) noexcept {
  switch (id) {
    case access_policy_window:
    case cooperative:
    case cluster_dimension:
    case cluster_policy:
    case priority:
    case domain_map:
    case domain:
    case preferred_cluster:
    case device_updatable:
    case carveout: return true;
    default: return false;
  }
}

int priority_of(const LaunchShape& shape) noexcept {
  const auto found = std::find_if(shape.attributes.begin(), shape.attributes.end(),
                                  [](const auto& attribute) { return attribute.id == priority; });
  return found == shape.attributes.end() ? 0 : found->value.priority;
}

void apply(const LaunchAttribute& attribute, LaunchShape& shape) {
  switch (attribute.id) {
    case ignore:
    case synchronization_policy:
    case programmatic_serialization:  // the kernel before has ended when this one begins
    case priority: break;
    case cooperative: shape.cooperative = attribute.value.cooperative != 0; break;
    case cluster_dimension:
    case preferred_cluster: check_cluster(attribute); break;
    case domain_map:
      if (attribute.value.domains.standard != 0 || attribute.value.domains.remote != 0)
        fail(result::invalid_value, "the device has one memory synchronisation domain, 0");
      break;
    case domain:
      if (attribute.value.domain != 0 && attribute.value.domain != 1)
        fail(result::invalid_value, fmt::format("{} is no memory synchronisation domain", attribute.value.domain));
      break;
    case completion_event:
      check_completion(attribute);
      shape.completion = attribute.value.completion.event;
      break;
    case carveout:
      if (attribute.value.carveout > 100)
        fail(result::invalid_value, fmt::format("a carveout of {} per cent", attribute.value.carveout));
      break;
    default: fail(result::not_supported, fmt::format("the launch attribute {} is not supported", attribute.id));
  }
  if (!is_node_attribute(attribute.id)) return;
  std::erase_if(shape.attributes, [&](const auto& earlier) { return earlier.id == attribute.id; });
  shape.attributes.push_back(attribute);
}

}  // namespace cujitsu::softgpu::api
