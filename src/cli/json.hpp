// SPDX-License-Identifier: MIT
// The public values as JSON.
#pragma once

#include "cli/command.hpp"

#include <cujitsu/compiled_code.hpp>
#include <cujitsu/diagnostic.hpp>

#include <nlohmann/json.hpp>

#include <exception>
#include <span>

namespace cujitsu::cli {

/// Members keep the order in which they were set.
using Json = nlohmann::ordered_json;

/// Prints it indented. Bytes that are no UTF-8 (a source may hold any) become U+FFFD instead of an exception.
void print_json(Console& console, const Json& value);

[[nodiscard]] Json to_json(std::span<const KernelInfo> kernels);
[[nodiscard]] Json to_json(std::span<const Diagnostic> diagnostics);
/// {"name": ..., "version": ..., "library": ...}
[[nodiscard]] Json to_json(const CompilerInfo& compiler);
/// Pairs of a name as a person writes it and the lowered name, as one object.
[[nodiscard]] Json to_json(std::span<const std::pair<std::string, std::string>> lowered_names);

/// {"error": {"class": ..., "message": ..., and what that class carries}}
[[nodiscard]] Json error_json(const std::exception& error);

}  // namespace cujitsu::cli
