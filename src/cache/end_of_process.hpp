// SPDX-License-Identifier: MIT
// Which caches have something to do when the process ends.
#pragma once

#include <cujitsu/kernel_cache.hpp>

namespace cujitsu::end_of_process {

/// `store`'s end() is called when the process exits, unless it is forgotten before. A forked child remembers nothing of
/// its parent's. Any thread.
void remember(KernelCache::Store* store);
void forget(KernelCache::Store* store) noexcept;

}  // namespace cujitsu::end_of_process
