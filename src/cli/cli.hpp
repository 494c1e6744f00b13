// SPDX-License-Identifier: MIT
// The `cujitsu` command, callable from a program: the executable and the Python package share it.
#pragma once

#include <iosfwd>
#include <span>
#include <string>

namespace cujitsu::cli {

/// Runs one command line, given without the program's name; returns the exit code and never exits the process.
/// 0: done; 1: the input was bad or something is missing (the reason is on `err`); 2: the command line was wrong.
/// Results go to `out`, all at once at the end; colours and terminal widths apply only when that is std::cout.
/// `compile -` reads standard input. Throws nothing; one call at a time.
[[nodiscard]] int run(std::span<const std::string> arguments, std::ostream& out, std::ostream& err);

}  // namespace cujitsu::cli
