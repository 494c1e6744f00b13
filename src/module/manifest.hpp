// SPDX-License-Identifier: MIT
// A manifest's lines: JSON, one line for each compile.
#pragma once

#include <cujitsu/manifest.hpp>

#include <string>
#include <string_view>

namespace cujitsu {

/// The line that makes a file a manifest.
[[nodiscard]] std::string manifest_first_line();
/// One line, without its end; equal for equal values.
[[nodiscard]] std::string manifest_line(std::string_view source, const CompileOptions& options);
/// `name` is the file's, for messages. Throws ArgumentError.
[[nodiscard]] Manifest parse_manifest(std::string_view text, const std::string& name);

}  // namespace cujitsu
