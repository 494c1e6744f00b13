// SPDX-License-Identifier: MIT
// What `compile FILE` and `cache explain FILE` take alike.
#pragma once

#include "cli/command.hpp"

#include <cujitsu/compile_options.hpp>

#include <string>
#include <vector>

namespace cujitsu::cli {

struct CompileArguments {
  std::string file;
  std::string arch;
  std::vector<std::string> include_dirs;
  std::vector<std::string> definitions;
  std::vector<std::string> options;
  std::vector<std::string> name_expressions;
  bool hermetic = false;

  /// Whether any but `file` is set.
  [[nodiscard]] bool has_options() const noexcept;
  /// The file's own folder comes after the given ones.
  [[nodiscard]] CompileOptions compile_options() const;
};

/// All but the file. `arguments` must live as long as `command`.
void add_compile_arguments(CLI::App& command, CompileArguments& arguments);

}  // namespace cujitsu::cli
