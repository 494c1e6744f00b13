// SPDX-License-Identifier: MIT
// CUDA C++ in, PTX and machine code out.
#pragma once

#include <cujitsu/compile_options.hpp>
#include <cujitsu/compiled_code.hpp>
#include <cujitsu/export.hpp>
#include <cujitsu/kernel_cache.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cujitsu {

/// Compiles `source`, or takes the result from `cache` (nullptr: always compile, store nothing).
///
/// Needs no device: without one an explicit CompileOptions::arch or the default sm_80 is compiled for. May be called from
/// any thread; NVRTC's front end is serial within a process, its back end is not.
/// Throws CompileError (the source or an option is refused), LoadError (no NVRTC), ArgumentError (an unknown
/// architecture, an empty header name). A cache that fails is a warning in the log, never an exception.
[[nodiscard]] CUJITSU_API CompiledCode compile(std::string_view source, const CompileOptions& options = {},
                                               KernelCache* cache = &KernelCache::standard());

/// What the cache would do with a compile.
struct Explanation {
  CacheStatus status = CacheStatus::bypass;
  std::string reason;                ///< one sentence
  std::string key;                   ///< of the entry that answers, or that would be stored; empty on a bypass
  std::string nearest;               ///< as CompiledCode::cache_nearest
  std::vector<std::string> changes;  ///< as CompiledCode::cache_changes
};

/// Tells what compile() with the same arguments would find in `cache`, without compiling or storing anything. Counts
/// nothing. May be called from any thread. Throws ArgumentError as compile() does; LoadError only where there is no NVRTC and
/// nothing stored to do without.
[[nodiscard]] CUJITSU_API Explanation explain(std::string_view source, const CompileOptions& options = {},
                                              KernelCache* cache = &KernelCache::standard());

}  // namespace cujitsu
