// SPDX-License-Identifier: MIT
#include "base/fork_local.hpp"

#include <pthread.h>

namespace cujitsu {

unsigned fork_generation() noexcept {
  static std::atomic<unsigned> generation{0};
  // Where the library is unloaded, glibc forgets the handler with it.
  [[maybe_unused]] static const int installed =
      ::pthread_atfork(nullptr, nullptr, [] { generation.fetch_add(1, std::memory_order_relaxed); });
  return generation.load(std::memory_order_relaxed);
}

}  // namespace cujitsu
