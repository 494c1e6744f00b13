// SPDX-License-Identifier: MIT
#include <cujitsu/cache_diff.hpp>

#include "base/line_diff.hpp"
#include "module/stored_compile.hpp"

#include <algorithm>

namespace cujitsu {
namespace {

/// By lowered name, which is right for overloads; a person reads `name`.
std::vector<KernelPair> pair_kernels(const std::vector<KernelInfo>& before, const std::vector<KernelInfo>& after) {
  std::vector<KernelPair> pairs;
  for (const auto& kernel : before) {
    const auto same = std::ranges::find(after, kernel.lowered_name, &KernelInfo::lowered_name);
    pairs.push_back({kernel.signature.to_string(), kernel.resources, std::nullopt});
    if (same != after.end()) pairs.back().after = same->resources;
  }
  for (const auto& kernel : after)
    if (std::ranges::find(before, kernel.lowered_name, &KernelInfo::lowered_name) == before.end())
      pairs.push_back({kernel.signature.to_string(), std::nullopt, kernel.resources});
  return pairs;
}

}  // namespace

CacheDiff diff(std::string_view before, std::string_view after, KernelCache& cache) {
  const auto one = find_stored_compile(cache, before);
  const auto other = find_stored_compile(cache, after);
  CacheDiff result;
  result.before = one.entry.key;
  result.after = other.entry.key;
  result.changes = differences(one.side(), other.side());
  result.source_diff =
      text::unified_diff(one.entry.source, other.entry.source, one.entry.options.name, other.entry.options.name);
  result.kernels = pair_kernels(one.entry.code.kernels, other.entry.code.kernels);
  result.ptx_equal = one.entry.code.ptx == other.entry.code.ptx;
  result.cubin_equal = one.entry.code.cubin == other.entry.code.cubin;
  result.log_equal = one.entry.code.log == other.entry.code.log;
  return result;
}

}  // namespace cujitsu
