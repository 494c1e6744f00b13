// SPDX-License-Identifier: MIT
// What the `cache` commands share.
#pragma once

#include <cujitsu/kernel_cache.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace cujitsu::cli {

/// As many digits of a key as `list` shows; the commands that take a KEY take them, or fewer. Entries of one source, with
/// other options or headers, have the first twelve digits in common, and these differ.
inline constexpr std::size_t short_key = 16;

/// The user's cache. Throws CacheError when it is switched off.
[[nodiscard]] KernelCache& standard_cache();

/// For a folder that the user names on the command line: without a bound, so that nothing that was just put there is
/// evicted, and with the user's key file, so that the entries are those that the user's own cache takes.
[[nodiscard]] KernelCacheOptions named_folder_options();

/// The options as the user gave them, one line.
[[nodiscard]] std::string options_text(std::span<const std::string> options, std::span<const std::string> include_dirs);

/// "cache" or "seed".
[[nodiscard]] std::string_view origin_text(CacheOrigin origin) noexcept;

}  // namespace cujitsu::cli
