// SPDX-License-Identifier: MIT
// The threads that run blocks.
#pragma once

#include <functional>

namespace cujitsu::softgpu {

/// Threads that a launch may use, the caller's included: CUJITSU_SOFTGPU_THREADS, or as many as the process may run on.
[[nodiscard]] unsigned worker_count() noexcept;

/// Calls `work` on the calling thread and on up to `helpers` threads of the pool, and returns when all have come back.
/// Threads of the pool that are busy with another launch are not waited for. `work` must not throw.
void run_on_workers(unsigned helpers, const std::function<void()>& work);

}  // namespace cujitsu::softgpu
