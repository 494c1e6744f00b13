// SPDX-License-Identifier: MIT
// NVRTC's log as data.
#pragma once

#include <cujitsu/diagnostic.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::compiler {

/// Every message of a log, in its order. `name` and `source` are the program's: NVRTC before 12.4 prints no source lines,
/// and those of the program are filled in from here. Both may be empty.
[[nodiscard]] std::vector<Diagnostic> parse_log(std::string_view log, std::string_view name, std::string_view source);

/// "kernel.cu:3:24: error: …" with the source line and a caret below it; no line end.
[[nodiscard]] std::string format_diagnostic(const Diagnostic& diagnostic);

[[nodiscard]] bool is_error(const Diagnostic& diagnostic) noexcept;

}  // namespace cujitsu::compiler
