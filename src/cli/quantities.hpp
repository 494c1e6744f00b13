// SPDX-License-Identifier: MIT
// Durations and sizes as a person types them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cujitsu::cli {

/// "90s", "15m", "12h", "7d", "2w", with or without a blank; nothing for what is none. A fraction ("1.5h") is one.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// "500M", "1.5G", "64KiB", "1048576": bytes, or with K, M, G or T, each 1024 times the one before; nothing for what is none.
[[nodiscard]] std::optional<std::uint64_t> parse_bytes(std::string_view text);

/// What was wrong with `text`, and what is allowed; empty where nothing is. For CLI11's checks and Python's errors.
[[nodiscard]] std::string check_duration(const std::string& text);
[[nodiscard]] std::string check_bytes(const std::string& text);

}  // namespace cujitsu::cli
