// SPDX-License-Identifier: MIT
// Which headers a source includes, as far as the cache must know.
#pragma once

#include <cujitsu/compile_options.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::compiler {

/// One #include directive, or one header asked for by __has_include.
struct Include {
  std::string name;  ///< between the quotes or brackets; empty for one that a macro makes
  int line = 0;
};

/// The directives of one text: comments, strings, raw strings and continued lines are understood, conditions are not, so
/// directives in inactive branches count as well.
[[nodiscard]] std::vector<Include> scan_includes(std::string_view source);

struct IncludeVerdict {
  std::string bypass_reason;          ///< why the result must not be cached; empty when it may be
  bool uses_toolkit_headers = false;  ///< the toolkit's headers are part of the key then
};

/// Whether a source's result may be cached although headers are not yet tracked: every #include, those of in-memory
/// headers too, must be satisfied from memory or by the toolkit's own folders, with no user folder before these.
[[nodiscard]] IncludeVerdict judge_includes(std::string_view source, const CompileOptions& options);

}  // namespace cujitsu::compiler
