// SPDX-License-Identifier: MIT
// What the #include lines that a source begins with read.
#pragma once

#include "compile/include_closure.hpp"

#include <optional>
#include <string_view>

namespace cujitsu::compiler {

/// The closure of what can be precompiled of `source` (pch_prefix.hpp), for somebody who has not found the whole source's. One
/// that was found before is taken when it still holds, which is many times quicker. Nothing where there is nothing to
/// precompile, or where IncludeClosure::leading is nothing. Any thread.
[[nodiscard]] std::optional<ClosureRecord> leading_closure(std::string_view source, const ClosureRequest& request);

}  // namespace cujitsu::compiler
