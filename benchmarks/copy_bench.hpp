// SPDX-License-Identifier: MIT
#pragma once

namespace cujitsu::bench {

/// Rows: copies of several sizes, pageable and page-locked, against the bare driver calls on the same memory.
void compare_copies();

}  // namespace cujitsu::bench
