// SPDX-License-Identifier: MIT
#pragma once

namespace cujitsu::bench {

/// Rows: cold compile, uncached and stored, against the bare NVRTC calls with the same options.
void compare_compiles();

}  // namespace cujitsu::bench
