// SPDX-License-Identifier: MIT
// Which folder the user's cache is in, and what else the environment says of it.
#pragma once

#include <cujitsu/kernel_cache.hpp>

#include <filesystem>
#include <string>

namespace cujitsu {

struct StandardRoot {
  std::filesystem::path path;   ///< absolute; empty when disabled
  std::string disabled_reason;  ///< empty, or one sentence
};

/// From the environment as it is now; warns of values that it can not use.
[[nodiscard]] StandardRoot standard_root();

/// From CUJITSU_CACHE_MAX_BYTES, CUJITSU_CACHE_SEED and CUJITSU_CACHE_KEY_FILE as they are now; warns of values that it
/// can not use.
[[nodiscard]] KernelCacheOptions standard_options();

}  // namespace cujitsu
