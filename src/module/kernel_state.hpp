// SPDX-License-Identifier: MIT
// What all copies of a Kernel share, and the launch itself.
#pragma once

#include "driver/driver.hpp"
#include "driver/launch_history.hpp"
#include "module/module_state.hpp"

#include <cujitsu/element_type.hpp>
#include <cujitsu/kernel.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace cujitsu {

/// A parameter as a launch looks at it. Sizes and offsets are in bytes.
struct PlannedParameter {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  ParameterKind kind = ParameterKind::integer;
  bool takes_pointer = false;    ///< a DeviceBuffer, and null
  bool pointee_is_const = true;  ///< true too where nothing is known
  ElementType value = {};        ///< by value
  ElementType pointee = {};      ///< of a pointer
};

/// Handles by context, and what has been set on them. Thread-safe.
struct Kernel::State {
  State(std::shared_ptr<SourceModule::State> module, KernelInfo info, ContextHandle context);

  /// What cuLaunchKernel takes in `context`, which is current.
  [[nodiscard]] FunctionHandle function(ContextHandle context) const;

  /// Whether arguments of these types were found to fit before.
  [[nodiscard]] bool knows(const ArgumentType* types) const noexcept {
    for (const auto& known : known_types)
      if (known.load(std::memory_order_relaxed) == types) return true;
    return false;
  }

  std::shared_ptr<SourceModule::State> module;
  KernelInfo info;
  const std::string* interned_name;  // lives until the process ends
  std::vector<PlannedParameter> parameters;
  std::size_t parameter_bytes = 0;      // from the first parameter to the end of the last
  std::uint32_t shared_at_will = 0;     // dynamic shared memory up to here needs no opting in
  FunctionHandle everywhere = nullptr;  // where one handle serves every context
  /// Of the one device's primary context, else nullptr: a launch of a plain function costs some 30 ns less than that of a
  /// context-independent kernel (driver 580.159.04, H200: docs/benchmarks.md).
  FunctionHandle primary = nullptr;
  bool has_one_device = false;

  mutable std::array<std::atomic<const ArgumentType*>, 4> known_types{};
  mutable std::atomic<std::uint32_t> next_known{0};
  mutable std::mutex mutex;
  mutable std::map<ContextHandle, FunctionHandle> by_context;
  mutable std::vector<std::atomic<std::uint32_t>> allowed_shared;  // by device
  mutable std::vector<std::atomic<bool>> allowed_cluster;          // of more than 8 blocks, by device
};

/// Dynamic shared memory beyond 48 KiB must be allowed for each kernel and device first; `shared` is in bytes. Throws
/// LaunchError when the device does not have as much for a block, DriverError.
void allow_shared(const Kernel::State& kernel, FunctionHandle function, std::uint32_t shared);

/// Queues the kernel with `parameters`, pointers to one value for each parameter. Takes nothing but what the driver does
/// for granted: count and types are checked before. Throws ArgumentError, LaunchError, DriverError, LoadError.
void launch(const Kernel::State& kernel, const LaunchConfig& config, void** parameters);

/// Goes on after the driver has answered a launch of `kernel.primary` with `result`, no success: the longer way where
/// another context is current, or none; otherwise throws as launch does.
void launch_refused(const Kernel::State& kernel, const LaunchConfig& config, void** parameters, driver::Result result);

/// launch() for a configuration that is_plain().
inline void launch_plain(const Kernel::State& kernel, const LaunchConfig& config, void** parameters) {
  if (kernel.primary == nullptr || config.shared > kernel.shared_at_will) [[unlikely]]
    return launch(kernel, config, parameters);
  // Which context is current, the driver need not be asked: it refuses the function in any other than its own.
  const auto result =
      driver::api().cuLaunchKernel(kernel.primary, config.grid.x, config.grid.y, config.grid.z, config.block.x,
                                   config.block.y, config.block.z, config.shared, config.stream, parameters, nullptr);
  if (result != driver::result::success) [[unlikely]]
    return launch_refused(kernel, config, parameters, result);
  driver::launch_history::record(nullptr, config.stream, kernel.interned_name);
}

}  // namespace cujitsu
