// SPDX-License-Identifier: MIT
// Which precompiled headers are still good.
#pragma once

#include <cujitsu/compile_options.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::compiler {

/// A text that changes with everything that may get into the precompiled headers: the prefix, the options, the headers in memory, and the
/// contents of the user's files that the prefix may reach (conditions are not evaluated, so more of them than it does). The
/// toolkit's own files are taken to stay as they are while the process lives; their names are looked for in the user's folders
/// all the same. Nothing when it can not be told: a name that a macro makes, an option that includes a file. Any thread.
[[nodiscard]] std::optional<std::string> pch_fingerprint(std::string_view prefix, const CompileOptions& options,
                                                         const std::vector<std::string>& nvrtc_options);

}  // namespace cujitsu::compiler
