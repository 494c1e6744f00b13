// SPDX-License-Identifier: MIT
// What `devices` and `doctor` say of a device.
#pragma once

#include "cli/json.hpp"

#include <cujitsu/device.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace cujitsu::cli {

struct DeviceFacts {
  int ordinal = 0;
  std::string name;
  ComputeCapability compute_capability;
  std::size_t total_memory = 0;  ///< bytes
  int multiprocessors = 0;
  std::string uuid;
  std::string pci_bus_id;
};

/// Asks the driver, and makes no context (which would cost a second and hundreds of megabytes on a GPU).
/// Throws LoadError, DriverError.
[[nodiscard]] std::vector<DeviceFacts> device_facts();

[[nodiscard]] Json to_json(std::span<const DeviceFacts> devices);
void print_devices(Console& console, std::span<const DeviceFacts> devices, std::size_t indent = 0);

}  // namespace cujitsu::cli
