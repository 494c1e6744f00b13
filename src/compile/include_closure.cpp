// SPDX-License-Identifier: MIT
#include "compile/include_closure.hpp"

#include "compile/header_files.hpp"
#include "compile/include_search.hpp"
#include "compile/include_walk.hpp"

#include <fmt/format.h>

namespace cujitsu::compiler {
namespace {

/// Calls `same(index, stamp)` with the stamp of now for each that is the same.
template <class Same>
bool holds(const ClosureRecord& closure, std::string& changed, const Same& same) {
  changed.clear();
  PathLooker looker;
  FileStamp unused;
  for (std::size_t i = 0; i < closure.headers.size(); ++i) {
    const auto& file = closure.headers[i];
    auto stamp = file.stamp;
    if (has_content(file.path, file.hash, stamp, looker)) {
      same(i, stamp);
      continue;
    }
    const auto kind = look_at(file.path, unused);
    changed = fmt::format("header {} {}", file.path, kind == PathKind::file ? "changed" : "is gone");
    return false;
  }
  for (const auto& path : closure.present) {
    if (looker.look(path, unused) == PathKind::file) continue;
    changed = fmt::format("header {} is gone", path);
    return false;
  }
  for (const auto& path : closure.absent) {
    const auto kind = looker.look(path, unused);
    const bool is_there =
        path == program_folder ? kind != PathKind::absent : kind == PathKind::file || kind == PathKind::other;
    if (!is_there) continue;
    changed = fmt::format("header {} is new, where there was none", path);
    return false;
  }
  return true;
}

}  // namespace

IncludeClosure find_closure(std::string_view source, const ClosureRequest& request) {
  if (!may_read_files(source, request.nvrtc_options, request.version)) return {};
  return walk_includes(source, request).closure;
}

bool may_read_files(std::string_view source, const std::vector<std::string>& nvrtc_options, CompilerVersion version) {
  const auto has = [&](std::string_view part) { return source.find(part) != std::string_view::npos; };
  // A word may be split by a backslash at the end of a line, or by a trigraph for one.
  if (has("include") || has("import") || has("\\\n") || has("\\\r") || has("?\?/")) return true;
  const auto parsed = parse_preprocessor_options(nvrtc_options, version);
  return !parsed.includes.empty() || !parsed.uncacheable.empty();
}

bool still_holds(const ClosureRecord& closure, std::string& changed) {
  return holds(closure, changed, [](std::size_t, const FileStamp&) {});
}

bool refresh(ClosureRecord& closure, std::string& changed) {
  return holds(closure, changed, [&](std::size_t i, const FileStamp& stamp) { closure.headers[i].stamp = stamp; });
}

}  // namespace cujitsu::compiler
