// SPDX-License-Identifier: MIT
// An entry with what only the library sees of it.
#pragma once

#include "base/header_record.hpp"
#include "cache/differences.hpp"
#include "cache/key_material.hpp"

#include <cujitsu/kernel_cache.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cujitsu {

struct StoredCompile {
  CacheEntry entry;
  KeyMaterial material;
  ClosureRecord closure;

  [[nodiscard]] CompileSide side() const { return {material, closure, entry.code.compiler.version()}; }
  /// The options of a compile that would be the same. They name no architecture where one of NVRTC's own options does, nor
  /// where the entry was made for a device that its NVRTC did not know and so holds another architecture's code.
  [[nodiscard]] CompileOptions request() const;
};

/// Throws CacheError as KernelCache::find does.
[[nodiscard]] StoredCompile find_stored_compile(KernelCache& cache, std::string_view prefix);

/// What a compile of the same request has otherwise now, a phrase each; also why it could not be stored, if so.
[[nodiscard]] std::vector<std::string> changes_since(const StoredCompile& stored);

}  // namespace cujitsu
