// SPDX-License-Identifier: MIT
// Which entries were removed to keep the bound, and when: so that a miss can be explained.
#pragma once

#include "cache/frame.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// `folder` is the entries' folder. As with the counters, nothing here fails or warns: what can not be read or written is
/// forgotten.
namespace cujitsu::evictions {

/// The newest so many are remembered.
inline constexpr std::size_t most = 4096;

/// When the entry was last evicted, in seconds since 1970.
[[nodiscard]] std::optional<std::int64_t> time_of(const std::string& folder, std::string_view key,
                                                  const FrameKey* frame_key);

void add(const std::string& folder, const std::vector<std::string>& keys, std::int64_t time, const FrameKey* frame_key);

}  // namespace cujitsu::evictions
