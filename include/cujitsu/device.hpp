// SPDX-License-Identifier: MIT
// One CUDA device and its primary context.
#pragma once

#include <cujitsu/export.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace cujitsu {

struct ComputeCapability {
  int major = 0;
  int minor = 0;

  friend bool operator==(const ComputeCapability&, const ComputeCapability&) = default;
};

/// A device by its ordinal. A plain value; may be used from any thread.
///
/// The primary context is retained on first use and kept until the process ends. A context that is already current in
/// the calling thread, cujitsu's or not, is respected by everything that does not name a device.
/// Throws LoadError (no driver), ArgumentError (no such device), DriverError.
class CUJITSU_API Device {
 public:
  explicit Device(int ordinal = 0);

  /// How many there are. Throws LoadError when there is no usable driver.
  [[nodiscard]] static int count();
  [[nodiscard]] static std::vector<Device> all();
  /// The device of the calling thread's current context; device 0 where none is current.
  [[nodiscard]] static Device current();

  [[nodiscard]] int ordinal() const noexcept { return ordinal_; }
  [[nodiscard]] std::string name() const;
  [[nodiscard]] ComputeCapability compute_capability() const;
  [[nodiscard]] std::size_t total_memory() const;  ///< bytes
  [[nodiscard]] std::size_t free_memory() const;   ///< bytes, now
  [[nodiscard]] int multiprocessor_count() const;
  /// "GPU-…", as nvidia-smi prints it.
  [[nodiscard]] std::string uuid() const;
  [[nodiscard]] std::string pci_bus_id() const;
  /// Any CUdevice_attribute by its number.
  [[nodiscard]] int attribute(int cu_device_attribute) const;

  /// Makes the primary context current in the calling thread.
  void make_current() const;
  /// Waits for all work of the primary context.
  void synchronize() const;

  friend bool operator==(const Device&, const Device&) = default;

 private:
  int ordinal_;
};

/// Waits for all work of the current context (device 0's primary context where none is current).
CUJITSU_API void synchronize();

/// The CUDA version that the driver supports, as 1000 * major + 10 * minor. Throws LoadError.
[[nodiscard]] CUJITSU_API int driver_version();

}  // namespace cujitsu
