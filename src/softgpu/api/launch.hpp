// SPDX-License-Identifier: MIT
// A launch: its limits, its parameters, and its way into a stream or a graph.
#pragma once

#include "softgpu/api/objects.hpp"

#include <vector>

namespace cujitsu::softgpu::api {

struct LaunchShape {
  Dimensions grid;
  Dimensions block;
  unsigned shared = 0;
  bool cooperative = false;
  std::vector<LaunchAttribute> attributes{};  ///< as given, those that a graph's node has
  EventHandle completion = nullptr;           ///< to be recorded behind the launch; nullptr: none
};

/// Checks a launch attribute and notes what it changes. Hints change nothing; what a kernel could notice and the device
/// has not is refused.
void apply(const LaunchAttribute& attribute, LaunchShape& shape);
/// Whether nodes have it: CUkernelNodeAttrID.
[[nodiscard]] bool is_node_attribute(int id) noexcept;
[[nodiscard]] int priority_of(const LaunchShape& shape) noexcept;

/// A launch that has been checked, with its parameters copied. Never changes.
struct KernelLaunch {
  std::weak_ptr<Context> owner;
  std::shared_ptr<Function> function;
  KernelHandle kernel = nullptr;  ///< the context-less kernel that it was named by; nullptr: by the function
  LaunchShape shape;
  LaunchRequest request;
  bool from_buffer = false;  ///< the parameters came by `extra`
};

/// Checks everything that a driver checks at once. `function` may be a kernel: it is `context`'s function then.
[[nodiscard]] std::shared_ptr<KernelLaunch> prepare(FunctionHandle function, Context& context, LaunchShape shape,
                                                    void** parameters, void** extra);
/// The same launch with another shape, which is checked again.
[[nodiscard]] std::shared_ptr<KernelLaunch> reshape(const KernelLaunch& launch, LaunchShape shape);
[[nodiscard]] NodeContent content_of(std::shared_ptr<const KernelLaunch> launch);

/// Prepares a launch and issues it.
void launch(FunctionHandle function, LaunchShape shape, StreamHandle stream, void** parameters, void** extra);

}  // namespace cujitsu::softgpu::api
