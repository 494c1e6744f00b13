// SPDX-License-Identifier: MIT
// One run of the preprocessor over a program and all that it includes, as far as includes go.
#pragma once

#include "compile/include_closure.hpp"
#include "compile/predefined_macros.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cujitsu::compiler {

/// One text that was gone through: the program (the first), a header in memory or a file.
struct WalkedText {
  std::string path;  ///< empty for the program
  bool is_memory = false;
  bool was_read = false;  ///< at all: a #pragma once may have been known by another path
  std::string identity;   ///< what #pragma once goes by
  std::shared_ptr<const DirectiveText> directives;
};

/// One header asked for at one place, by #include or by __has_include.
struct IncludeUse {
  std::size_t text = 0;       ///< index of the asking one
  std::size_t directive = 0;  ///< index within it
  bool is_question = false;   ///< __has_include
  bool is_quoted = false;
  bool is_next = false;
  std::string name;    ///< as asked for, macros replaced
  std::string target;  ///< path of what was found; empty for none

  friend bool operator==(const IncludeUse&, const IncludeUse&) = default;
};

struct IncludeWalk {
  IncludeClosure closure;
  std::vector<WalkedText> texts;
  std::vector<IncludeUse> uses;                                   ///< each once
  std::vector<std::pair<std::string, std::string>> pre_included;  ///< name and path of what options include
};

[[nodiscard]] IncludeWalk walk_includes(std::string_view source, const ClosureRequest& request);

}  // namespace cujitsu::compiler
