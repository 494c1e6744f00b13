// SPDX-License-Identifier: MIT
// Two stored compiles beside each other.
#pragma once

#include <cujitsu/compiled_code.hpp>
#include <cujitsu/export.hpp>
#include <cujitsu/kernel_cache.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu {

/// A kernel of either entry; one that both have under the same name stands in one pair.
struct KernelPair {
  std::string name;
  std::optional<KernelResources> before;
  std::optional<KernelResources> after;
};

/// What one entry has otherwise than another.
struct CacheDiff {
  std::string before;                ///< key
  std::string after;                 ///< key
  std::vector<std::string> changes;  ///< of the request, the compiler and the headers: "option -O1 added", …
  std::string source_diff;           ///< the sources as `diff -u` shows them; empty where they are equal
  std::vector<KernelPair> kernels;   ///< those of `before` first
  bool ptx_equal = false;
  bool cubin_equal = false;
  bool log_equal = false;
};

/// Both keys as for KernelCache::find, which throws CacheError. Any thread.
[[nodiscard]] CUJITSU_API CacheDiff diff(std::string_view before, std::string_view after,
                                         KernelCache& cache = KernelCache::standard());

}  // namespace cujitsu
