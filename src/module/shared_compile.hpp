// SPDX-License-Identifier: MIT
// One compile for all who want the same: threads of this process, processes of this host, and those who come shortly
// after one that failed.
#pragma once

#include "cache/failure_memo.hpp"
#include "cache/key_material.hpp"
#include "cache/single_flight.hpp"
#include "cache/store.hpp"

#include <cujitsu/compiled_code.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cujitsu {

/// What is to be done for one key. Both are called by the thread that asks, or not at all, with no mutex held; with the
/// key's process lock where there are such locks.
struct SharedCompile {
  /// The entry, where there is one by now that is an answer: asked once more before compiling, for somebody else may have
  /// stored it since the caller looked.
  std::function<std::optional<CompiledCode>()> look_up;
  /// Compiles, and stores what it returns.
  std::function<CompiledCode()> compile;
  /// Whatever else decides the outcome and is not in the key.
  std::string_view variant;
};

/// Any thread, and in forked children. For a compile whose key is known and was not found: a hit comes nowhere near this,
/// and what bypasses the cache is not shared.
class CompileSharing {
 public:
  struct Settings {
    std::chrono::milliseconds lock_timeout = std::chrono::seconds(60);  ///< CUJITSU_CACHE_LOCK_TIMEOUT
    std::chrono::milliseconds failures = std::chrono::seconds(10);      ///< CUJITSU_CACHE_FAILURES; 0: not remembered

    /// As the variables are now; warns of values that it can not use.
    [[nodiscard]] static Settings from_environment();
  };

  explicit CompileSharing(const Settings& settings);

  /// The process's own, with the settings of the environment as it was when first asked.
  static CompileSharing& standard();

  /// What `work` made here, or another thread or process meanwhile: then a hit whose reason says so. Throws what
  /// `work.compile` throws, there or here, and CompileError where the same program failed a moment ago. The log's messages
  /// come when everything is released.
  [[nodiscard]] CompiledCode run(KernelCache::Store& store, const CacheKey& key, const SharedCompile& work);

  /// How many threads wait for a compile of this process; for tests.
  [[nodiscard]] std::size_t waiting(const KernelCache::Store& store, const CacheKey& key, std::string_view variant);

 private:
  CompiledCode compile_for_all(KernelCache::Store& store, const CacheKey& key, const SharedCompile& work,
                               const std::string& subject, SingleFlight::Turn turn);

  Settings settings_;
  SingleFlight flights_;
  FailureMemo failures_;
};

}  // namespace cujitsu
