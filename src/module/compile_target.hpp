// SPDX-License-Identifier: MIT
// For which machine a compile is made, when that is not this one.
#pragma once

#include <string>
#include <string_view>

namespace cujitsu {

/// What a compile asks of the device where the request does not say: with a target in its place, a machine without a GPU
/// computes the very key that a process computes which has the target's device.
struct CompileTarget {
  std::string arch;          ///< the device's own, "sm_90"
  bool is_software = false;  ///< softgpu, for which line information is added
};

/// "sm_90" (a device's own architecture) or "softgpu". Throws ArgumentError for anything else.
[[nodiscard]] CompileTarget parse_target(std::string_view text);

/// The calling thread's; nullptr: this machine.
[[nodiscard]] const CompileTarget* compile_target() noexcept;

/// Whether the code is for softgpu. Opens the driver where there is no target.
[[nodiscard]] bool targets_software() noexcept;

/// Sets the calling thread's target until it is destroyed. `target` must live as long; nullptr: this machine.
class CompileTargetScope {
 public:
  explicit CompileTargetScope(const CompileTarget* target) noexcept;
  CompileTargetScope(const CompileTargetScope&) = delete;
  CompileTargetScope& operator=(const CompileTargetScope&) = delete;
  ~CompileTargetScope();

 private:
  const CompileTarget* before_;
};

}  // namespace cujitsu
