// SPDX-License-Identifier: MIT
// Which context a call runs in.
#pragma once

#include "driver/driver.hpp"

namespace cujitsu::driver {

/// The calling thread's current context; where none is current, device 0's primary context is made current.
/// Two driver calls at most; never changes a context that somebody has made current. Throws LoadError, DriverError.
ContextHandle ensure_context();

/// The device of that context.
[[nodiscard]] DeviceHandle current_device();

/// The primary context of a device, retained once and never released: other libraries share it, and what it holds may
/// live until the process ends. Throws ArgumentError for an unknown ordinal.
[[nodiscard]] ContextHandle primary_context(int ordinal);

/// How many devices there are; counted once.
[[nodiscard]] int device_count();

/// A device attribute; throws DriverError.
[[nodiscard]] int device_attribute_value(int attribute, DeviceHandle device);

/// Makes a context current for a scope in a destructor: never throws. False when the driver is not to be called any more.
class ContextScope {
 public:
  explicit ContextScope(ContextHandle context) noexcept;
  ~ContextScope();
  ContextScope(const ContextScope&) = delete;
  ContextScope& operator=(const ContextScope&) = delete;

  /// The driver, or nullptr when nothing may be called.
  [[nodiscard]] const Api* api() const noexcept { return api_; }

 private:
  const Api* api_;
};

}  // namespace cujitsu::driver
