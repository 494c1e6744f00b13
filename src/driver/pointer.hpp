// SPDX-License-Identifier: MIT
// What the driver knows of an address.
#pragma once

#include "driver/driver.hpp"

#include <optional>

namespace cujitsu::driver {

/// The device that has the memory at `address`, where one alone does: nothing for managed and page-locked memory, for
/// addresses that the driver does not know, and for 0. One or two driver calls. Throws LoadError, DriverError.
[[nodiscard]] std::optional<DeviceHandle> device_of(DevicePointer address);

}  // namespace cujitsu::driver
