// SPDX-License-Identifier: MIT
// Whether stored code is what the compiler makes: `cujitsu cache verify --recompile`.
#pragma once

#include <cujitsu/export.hpp>
#include <cujitsu/kernel_cache.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu {

enum class RecompileOutcome {
  same,     ///< PTX and machine code are equal, byte by byte
  differs,  ///< they are not: `detail` says where
  skipped,  ///< a compile today is another one, or none is possible: `detail` says why
  failed,   ///< the compile failed, or the entry can not be read: `detail` has the first line of the error
};

struct RecompiledEntry {
  std::string key;
  std::filesystem::path path;
  std::string name;  ///< the program's
  RecompileOutcome outcome = RecompileOutcome::same;
  std::string detail;  ///< a phrase; empty for `same`
};

struct RecompileReport {
  std::uint64_t same = 0;
  std::uint64_t differing = 0;
  std::uint64_t skipped = 0;
  std::uint64_t failed = 0;
  double seconds = 0;                    ///< what the compiles took
  std::vector<RecompiledEntry> entries;  ///< all that are not `same`
};

/// Called after each entry, with how many are done and how many there are. What it throws comes out of recompile().
using RecompileProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// Compiles the request of each entry that fits anew, without the cache, one after the other, and compares. Entries whose
/// headers or compiler are not as they were, or whose architecture this NVRTC does not know, are skipped. Relative folders
/// count from the current one. Nothing is stored, counted or removed.
///
/// Throws CacheError when the cache's folder can not be read, LoadError where there is no NVRTC. Any thread.
[[nodiscard]] CUJITSU_API RecompileReport recompile(KernelCache& cache = KernelCache::standard(),
                                                    const CacheFilter& filter = {},
                                                    const RecompileProgress& progress = {});

/// "same", "differs", "skipped" or "failed".
[[nodiscard]] CUJITSU_API std::string_view to_string(RecompileOutcome outcome) noexcept;

}  // namespace cujitsu
