// SPDX-License-Identifier: MIT
#include "cache/end_of_process.hpp"

#include "base/fork_local.hpp"
#include "cache/store.hpp"

#include <cstdlib>
#include <mutex>
#include <set>

namespace cujitsu::end_of_process {
namespace {

struct Remembered {
  std::mutex mutex;
  std::set<KernelCache::Store*> stores;
};

/// Never destroyed: caches may live longer than static objects.
Remembered& remembered() {
  static auto* const instance = new ForkLocal<Remembered>;
  return instance->get();
}

void end_all() {
  auto& it = remembered();
  // Held throughout, so that no other thread destroys one of them meanwhile.
  const std::lock_guard lock(it.mutex);
  for (auto* store : it.stores) store->end();
}

}  // namespace

void remember(KernelCache::Store* store) {
  [[maybe_unused]] static const int installed = std::atexit(end_all);
  auto& it = remembered();
  const std::lock_guard lock(it.mutex);
  it.stores.insert(store);
}

void forget(KernelCache::Store* store) noexcept {
  auto& it = remembered();
  const std::lock_guard lock(it.mutex);
  it.stores.erase(store);
}

}  // namespace cujitsu::end_of_process
