// SPDX-License-Identifier: MIT
// Which headers a text names, whatever its conditions say.
#pragma once

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

}  // namespace cujitsu::compiler
