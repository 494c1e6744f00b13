// SPDX-License-Identifier: MIT
// What the `cache` commands share.
#pragma once

#include <cujitsu/kernel_cache.hpp>

#include <cstddef>
#include <string>

namespace cujitsu::cli {

/// As many digits of a key as `list` shows; `show` takes them, or fewer.
inline constexpr std::size_t short_key = 12;

/// The user's cache. Throws CacheError when it is switched off.
[[nodiscard]] KernelCache& standard_cache();

/// The options as the user gave them, one line.
[[nodiscard]] std::string options_text(const CompileOptions& options);

}  // namespace cujitsu::cli
