// SPDX-License-Identifier: MIT
// Two texts line by line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cujitsu::text {

/// What `diff -u` prints: "--- before", "+++ after", then hunks with `context` lines around each change. Empty where the
/// two are equal. Texts that differ in more than about a thousand lines come out as one removed and one added part, which
/// is right but not the shortest there is.
[[nodiscard]] std::string unified_diff(std::string_view before, std::string_view after, std::string_view before_name,
                                       std::string_view after_name, std::size_t context = 3);

}  // namespace cujitsu::text
