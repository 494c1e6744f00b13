// SPDX-License-Identifier: MIT
// What usually mends the commonest compile errors.
#pragma once

#include <cujitsu/diagnostic.hpp>

#include <string>
#include <vector>

namespace cujitsu::compiler {

/// One or more sentences, or nothing. `include_dirs` is where headers were looked for.
[[nodiscard]] std::string hint_for(const std::vector<Diagnostic>& diagnostics,
                                   const std::vector<std::string>& include_dirs);

}  // namespace cujitsu::compiler
