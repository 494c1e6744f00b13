// SPDX-License-Identifier: MIT
#include "compile/include_closure.hpp"

#include "compile/header_files.hpp"
#include "compile/include_search.hpp"
#include "compile/include_walk.hpp"

#include <fmt/format.h>

#include <vector>

namespace cujitsu::compiler {
namespace {

std::string what_is_wrong(const std::string& path, PathKind kind) {
  switch (kind) {
    case PathKind::file: return fmt::format("header {} changed", path);
    case PathKind::unknown: return fmt::format("header {} can not be looked at", path);
    default: return fmt::format("header {} is gone", path);
  }
}

bool is_as_good_as_absent(const std::string& path, PathKind kind) {
  return kind == PathKind::absent || (kind == PathKind::folder && path != program_folder);
}

/// Calls `same(index, stamp)` with the stamp of now for each that is the same.
template <class Same>
bool holds(const ClosureRecord& closure, std::string& changed, const Same& same) {
  changed.clear();
  const auto headers = closure.headers.size();
  const auto files = headers + closure.present.size();
  std::vector<const std::string*> paths;
  paths.reserve(files + closure.absent.size());
  for (const auto& header : closure.headers) paths.push_back(&header.path);
  for (const auto* more : {&closure.present, &closure.absent})
    for (const auto& path : *more) paths.push_back(&path);
  return look_at_each(paths, [&](std::size_t i, PathKind kind, const FileStamp& now) {
    const auto& path = *paths[i];
    if (i >= files) {
      if (is_as_good_as_absent(path, kind)) return true;
      changed = kind == PathKind::unknown ? what_is_wrong(path, kind)
                                          : fmt::format("header {} is new, where there was none", path);
      return false;
    }
    if (kind == PathKind::file) {
      if (i >= headers) return true;
      const auto& header = closure.headers[i];
      auto stamp = header.stamp;
      if (has_content(path, header.hash, stamp, now)) {
        same(i, stamp);
        return true;
      }
    }
    changed = what_is_wrong(path, kind);
    return false;
  });
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
