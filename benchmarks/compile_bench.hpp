// SPDX-License-Identifier: MIT
#pragma once

namespace cujitsu::bench {

/// Rows: cold compile, uncached and stored, against the bare NVRTC calls with the same options.
void compare_compiles();
/// Puts the kernel of the next two into the standard cache.
void prime_hit();
/// In a fresh process: from string to Kernel by a cache hit, the driver being initialised already. Prints one JSON line.
void time_hit(bool with_device);
/// In a fresh process: the bare driver's load of the same machine code. Prints one JSON line.
void time_bare_load();

}  // namespace cujitsu::bench
