// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace cujitsu::bench {

/// Compiles the program `kind`, "plain" or "cub", into the standard cache. Prints what that took as one JSON line.
void prime_hit(std::string_view kind);
/// In a fresh process, the driver being initialised already: from string to CompiledCode, and to Kernel, by a hit; at
/// first, and the median of some more. Prints one JSON line.
void time_hits(std::string_view kind, bool with_device);
/// In a fresh process: the bare driver's load of the machine code of "plain". Prints one JSON line.
void time_bare_load();

/// Rows: the key of a program in memory against the bare hash of its bytes, and a list of 10,000 entries against
/// bare reads of their beginnings.
void compare_cache();

}  // namespace cujitsu::bench
