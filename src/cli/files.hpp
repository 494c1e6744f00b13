// SPDX-License-Identifier: MIT
// Reading a source, writing a result.
#pragma once

#include "cli/command.hpp"

#include <string>
#include <string_view>

namespace cujitsu::cli {

/// The file's bytes; standard input for "-". Throws ArgumentError with the system's reason.
[[nodiscard]] std::string read_source(const std::string& file);

/// Writes the file; a failed write leaves none behind. "-" is the console's output. Throws ArgumentError.
void write_result(Console& console, const std::string& file, std::string_view bytes);

}  // namespace cujitsu::cli
