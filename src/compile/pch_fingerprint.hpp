// SPDX-License-Identifier: MIT
// Which precompiled headers are still good.
#pragma once

#include "base/header_record.hpp"

#include <cujitsu/compile_options.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::compiler {

/// A text that changes with everything that may get into the precompiled headers: the prefix, the options, the headers in
/// memory, and the prefix's closure: which files are read, their contents, and the answers of __has_include; the current
/// folder too where one of these paths is relative. The files' stamps count as well: #pragma once goes by the inode, and an
/// NVRTC other than 13.0 may look at the times. Nothing where an option includes a file, reads options from one, or manages
/// precompiled headers by hand. Reads no file. Any thread.
[[nodiscard]] std::optional<std::string> pch_fingerprint(std::string_view prefix, const CompileOptions& options,
                                                         const std::vector<std::string>& nvrtc_options,
                                                         const ClosureRecord& closure);

}  // namespace cujitsu::compiler
