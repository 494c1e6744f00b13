// SPDX-License-Identifier: MIT
// Linking PTX, seen from the driver's entry points.
#pragma once

#include "softgpu/engine/launch.hpp"

#include <memory>
#include <string>

namespace cujitsu::softgpu {

/// Texts that become one image for LoadedModule::load. Not thread-safe.
class Link {
 public:
  [[nodiscard]] static std::unique_ptr<Link> make();
  virtual ~Link() = default;

  /// Code 0: it was added. 200, 218, 222: it is no PTX, and the link goes on without it. 300, 999: it does not fit to what
  /// is there, and the link has failed. The log is as the driver writes it.
  [[nodiscard]] virtual LoadedModule::Error add(std::string name, std::string text) = 0;
  /// Code 0: `image` is set. 300, 999: something is not defined, or there is too much of it.
  [[nodiscard]] virtual LoadedModule::Error finish(std::string& image) = 0;
};

}  // namespace cujitsu::softgpu
