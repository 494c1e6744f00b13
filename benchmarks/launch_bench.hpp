// SPDX-License-Identifier: MIT
// What a launch costs the host, from C++. Both throw what the library throws.
#pragma once

#include <string_view>

namespace cujitsu::bench {

/// Bare launches and ours in turn, one JSON line for each.
void compare_launches();

/// `count` launches of one form ("bare-4", "launch-16", "bound-4", …), for a count of instructions from outside; throws
/// std::invalid_argument for another form.
void repeat_launches(std::string_view form, int count);

}  // namespace cujitsu::bench
