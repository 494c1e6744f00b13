// SPDX-License-Identifier: MIT
// The part of a source that can be precompiled.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace cujitsu::compiler {

struct PchPrefix {
  std::size_t bytes = 0;  ///< of whole lines
  int next_line = 1;      ///< the number of the line behind them
};

/// The directives that a source begins with, up to the last #include outside of every #if (or the #endif of one with such an
/// #include): comments and blank lines between them belong to it. Nothing when there is no #include, or a #line.
[[nodiscard]] std::optional<PchPrefix> pch_prefix(std::string_view source);

}  // namespace cujitsu::compiler
