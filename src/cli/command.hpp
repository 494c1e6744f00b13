// SPDX-License-Identifier: MIT
// What every command of the CLI has: a console to write to and its place in the command line.
#pragma once

#include <CLI/CLI.hpp>

#include <cstddef>
#include <functional>
#include <ostream>
#include <sstream>
#include <stdexcept>

namespace cujitsu::cli {

/// Where a command writes. `out` is held back until the command has ended: one that fails half-way prints no half
/// result, and a reader that went away (`| head`) is noticed in one place.
struct Console {
  std::ostringstream out;
  std::ostream& err;
  bool is_terminal = false;  ///< whether `out` ends in a terminal
  bool bold = false;         ///< whether table headers are bold: a terminal, and NO_COLOR unset
  std::size_t width = 110;   ///< columns that a table should keep to
};

/// The command line was wrong: exit code 2, with a pointer to --help.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Filled by parsing: which command it is. A command's options live inside its `action`.
struct Invocation {
  std::function<int(Console&)> action;
  bool json = false;
};

void add_doctor(CLI::App& parent, Invocation& invocation);
void add_devices(CLI::App& parent, Invocation& invocation);
void add_compile(CLI::App& parent, Invocation& invocation);
void add_precompile(CLI::App& parent, Invocation& invocation);
void add_cache(CLI::App& parent, Invocation& invocation);
void add_cache_list(CLI::App& parent, Invocation& invocation);
void add_cache_show(CLI::App& parent, Invocation& invocation);
void add_cache_stats(CLI::App& parent, Invocation& invocation);
void add_cache_explain(CLI::App& parent, Invocation& invocation);
void add_cache_diff(CLI::App& parent, Invocation& invocation);
void add_cache_verify(CLI::App& parent, Invocation& invocation);
void add_cache_prune(CLI::App& parent, Invocation& invocation);
void add_cache_bundle(CLI::App& parent, Invocation& invocation);

void add_worker(CLI::App& parent, Invocation& invocation);

void add_json_flag(CLI::App& command, Invocation& invocation);

}  // namespace cujitsu::cli
