// SPDX-License-Identifier: MIT
#include "module/stored_compile.hpp"

#include "base/file_stamp.hpp"
#include "cache/store.hpp"
#include "compile/header_files.hpp"
#include "compile/options.hpp"
#include "driver/driver.hpp"
#include "module/compilation.hpp"
#include "nvrtc/toolkit.hpp"

#include <cujitsu/errors.hpp>
#include <cujitsu/stored_compile.hpp>

#include <fmt/format.h>

#include <utility>

namespace cujitsu {

CompileOptions StoredCompile::request() const {
  auto without_arch = entry.options;
  without_arch.arch.clear();
  const bool is_among_options = compiler::requested_arch(without_arch).has_value();
  return is_among_options || entry.code.arch != entry.options.arch ? without_arch : entry.options;
}

StoredCompile find_stored_compile(KernelCache& cache, std::string_view prefix) {
  StoredCompile result;
  result.entry = cache.find(prefix);
  auto& store = cache.store();
  std::string reason;
  for (const auto& file : store.candidates(result.entry.key)) {  // the cache's own, then a seed's
    const auto loaded = store.read_entry(file, reason);
    if (!loaded) continue;
    result.material = KeyMaterial::deserialize(loaded->entry().material);
    result.closure = loaded->entry().closure;
    return result;
  }
  throw CacheError(fmt::format("{} was removed while it was looked at", result.entry.path.native()));
}

std::vector<std::string> changes_since(const StoredCompile& stored) {
  const auto options = stored.request();
  Compilation now(stored.entry.source, options, nvrtc::require_toolkit(driver::version_or_zero() / 1000));
  if (auto obstacle = now.find_closure(); !obstacle.empty()) return {std::move(obstacle)};
  return differences(stored.side(), {now.material(), now.closure(), now.compiler_version()});
}

Explanation explain_entry(std::string_view prefix, KernelCache& cache) {
  const auto stored = find_stored_compile(cache, prefix);
  auto result = explain(stored.entry.source, stored.request(), &cache);
  if (result.key == stored.entry.key) return result;
  result.nearest = stored.entry.key;
  result.changes = changes_since(stored);
  return result;
}

std::vector<CheckedHeader> check_headers(std::string_view prefix, KernelCache& cache) {
  const auto stored = find_stored_compile(cache, prefix);
  std::vector<CheckedHeader> result;
  result.reserve(stored.closure.headers.size());
  for (const auto& header : stored.closure.headers) {
    FileStamp stamp;  // not settled, so that the content is looked at
    FileStamp now;
    auto state = HeaderState::missing;
    if (compiler::has_content(header.path, header.hash, stamp))
      state = HeaderState::same;
    else if (compiler::look_at(header.path, now) == compiler::PathKind::file)
      state = HeaderState::changed;
    result.push_back({{header.path, header.stamp.bytes, header.is_toolkit}, state});
  }
  return result;
}

std::string_view to_string(HeaderState state) noexcept {
  switch (state) {
    case HeaderState::same: return "same";
    case HeaderState::changed: return "changed";
    case HeaderState::missing: return "missing";
  }
  return "missing";
}

}  // namespace cujitsu
