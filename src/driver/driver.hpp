// SPDX-License-Identifier: MIT
// The one driver of this process: found, opened and initialised on first use.
#pragma once

#include "driver/api.hpp"

#include <cujitsu/libraries.hpp>

#include <atomic>
#include <string>

namespace cujitsu::driver {

/// The driver's functions. An optional one is nullptr where the driver does not have it.
struct Api {
#define REQUIRED(name, version, parameters) Result(*name) parameters = nullptr;
#define OPTIONAL(name, version, parameters, feature) Result(*name) parameters = nullptr;
#include "driver/symbols.inc"
#undef REQUIRED
#undef OPTIONAL

  [[nodiscard]] bool has_libraries() const noexcept {
    return cuLibraryLoadData != nullptr && cuLibraryUnload != nullptr && cuLibraryGetKernel != nullptr &&
           cuLibraryGetGlobal != nullptr && cuKernelGetFunction != nullptr && cuKernelGetAttribute != nullptr &&
           cuKernelSetAttribute != nullptr;
  }
  [[nodiscard]] bool has_memory_pools() const noexcept {
    return cuMemAllocAsync != nullptr && cuMemFreeAsync != nullptr && cuDeviceGetDefaultMemPool != nullptr &&
           cuMemPoolSetAttribute != nullptr;
  }
  [[nodiscard]] bool has_user_objects() const noexcept {
    return cuUserObjectCreate != nullptr && cuUserObjectRelease != nullptr && cuGraphRetainUserObject != nullptr;
  }
};

namespace detail {
/// Null until the driver is ready, and again in a forked child.
extern std::atomic<const Api*> ready;

[[nodiscard, gnu::cold]] const Api& open_api();
}  // namespace detail

/// The driver, opened on the first call. One atomic load afterwards. Throws LoadError when there is none, and
/// DriverError in a process that was forked after the driver had been initialised.
[[nodiscard]] inline const Api& api() {
  if (const Api* table = detail::ready.load(std::memory_order_acquire)) [[likely]]
    return *table;
  return detail::open_api();
}

/// For destructors: nullptr when the driver was never opened, the process is exiting or it is a forked child.
[[nodiscard]] const Api* api_if_alive() noexcept;

/// From now on api_if_alive() is nullptr. Called when the process or the Python interpreter starts to exit.
void set_exiting() noexcept;

/// What is known of the driver; tries to open it. Never throws for a missing driver.
[[nodiscard]] DriverReport report();

/// Whether the driver is softgpu. Opens the driver.
[[nodiscard]] bool is_software() noexcept;

/// 1000 * major + 10 * minor, or 0 when there is no usable driver. Opens the driver.
[[nodiscard]] int version_or_zero() noexcept;

}  // namespace cujitsu::driver
