// SPDX-License-Identifier: MIT
// Which kernel broke a context: faults are reported by whatever call comes next, often far from the launch.
#pragma once

#include "driver/api.hpp"

#include <string>

namespace cujitsu::driver::launch_history {

/// A copy of `name` that lives until the process ends, equal names once: what `record` keeps.
[[nodiscard]] const std::string* intern(const std::string& name);

/// Notes a launch; a null context stands for every one. A few relaxed stores; remembers the last 16 of the process.
void record(ContextHandle context, StreamHandle stream, const std::string* kernel) noexcept;

/// The work of this stream has ended without a fault.
void forget(ContextHandle context, StreamHandle stream) noexcept;
/// The work of all of the context's streams has.
void forget(ContextHandle context) noexcept;

/// A launch itself returned a fault. With CUDA_LAUNCH_BLOCKING=1 every earlier one has ended well, so it was this one;
/// otherwise the context was broken before.
void blame_if_blocking(ContextHandle context, const std::string* kernel);

/// After a fault: a sentence that names the kernel, or the kernels that may have done it. Fixed by the first call for
/// each context, so that every later error tells the same. Empty when nothing was launched by cujitsu.
[[nodiscard]] std::string blame(ContextHandle context);

}  // namespace cujitsu::driver::launch_history
