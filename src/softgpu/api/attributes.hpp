// SPDX-License-Identifier: MIT
// What the device says of itself.
#pragma once

#include <optional>

namespace cujitsu::softgpu::api {

/// A CUdevice_attribute; nothing for a number that is none.
[[nodiscard]] std::optional<int> device_attribute(int attribute, int ordinal) noexcept;

}  // namespace cujitsu::softgpu::api
