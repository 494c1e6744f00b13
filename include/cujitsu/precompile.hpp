// SPDX-License-Identifier: MIT
// Fills a cache with a manifest's programs, for devices that need not be there.
#pragma once

#include <cujitsu/export.hpp>
#include <cujitsu/kernel_cache.hpp>
#include <cujitsu/manifest.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace cujitsu {

enum class PrecompileOutcome {
  compiled,  ///< and stored
  present,   ///< it was there already
  failed,    ///< not compiled, or compiled and not stored, so that a later process would have to compile it
};

/// One program for one device.
struct PrecompileStep {
  std::size_t number = 0;  ///< from 1, in the order in which they end
  std::size_t count = 0;   ///< of all steps
  std::string name;        ///< the program's
  std::string arch;        ///< what it was compiled for: "sm_90", "sm_120 for sm_121", "softgpu"
  PrecompileOutcome outcome = PrecompileOutcome::failed;
  double seconds = 0;   ///< what NVRTC took, where it was compiled
  std::string message;  ///< what went wrong
};

struct PrecompileOptions {
  /// The devices: each "sm_90" (its own architecture) or "softgpu". Empty: this machine's, as a process here would compile.
  /// A program that asks for an architecture by itself is compiled for that one, once.
  std::vector<std::string> archs = {};
  KernelCache* cache = &KernelCache::standard();  ///< not nullptr
  unsigned jobs = 0;                              ///< compiles at once; 0: as compile_many
  /// Called after each step, in the calling thread. What it throws cancels the rest and comes out of precompile().
  std::function<void(const PrecompileStep&)> progress = {};
};

struct PrecompileResult {
  std::uint64_t compiled = 0;
  std::uint64_t present = 0;
  std::vector<PrecompileStep> failures;
  std::vector<std::string> keys;  ///< of what is in the cache now; sorted, each once
  double seconds = 0;
};

/// One compile() for each program and device, several at once in compile_many's threads, or in worker processes where
/// compile_many would take them. The entries are those that a process asks for which runs on such a device with this NVRTC
/// and gives no architecture, so it finds them without compiling. Relative include folders count from the current folder, as
/// in compile().
/// Throws ArgumentError (an unknown device), LoadError (no NVRTC), CacheError (the cache is disabled), CancelledError (the
/// process ends meanwhile). What does not compile is a failure in the result.
[[nodiscard]] CUJITSU_API PrecompileResult precompile(const std::vector<RecordedCompile>& compiles,
                                                      const PrecompileOptions& options = {});

}  // namespace cujitsu
