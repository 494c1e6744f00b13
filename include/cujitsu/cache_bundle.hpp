// SPDX-License-Identifier: MIT
// What became of a cache's entries on the way into one file and out of it: see docs/cache-format.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cujitsu {

/// Of KernelCache::export_bundle.
struct BundleExport {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;  ///< of the bundle
  std::vector<std::string>
      problems;  ///< one sentence for each entry, or seed, that was left out because it can not be read
};

/// Of KernelCache::import_bundle.
struct BundleImport {
  std::uint64_t imported = 0;
  std::uint64_t kept = 0;             ///< they were here already
  std::vector<std::string> problems;  ///< one sentence for each entry that was left out because it is damaged
};

}  // namespace cujitsu
