// SPDX-License-Identifier: MIT
// Numbers and names as a person reads them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cujitsu::cli {

/// "512 B", "3.4 KiB", "139.8 GiB".
[[nodiscard]] std::string bytes_text(std::uint64_t count);
/// "1 kernel", "2 kernels".
[[nodiscard]] std::string count_text(std::size_t count, std::string_view one, std::string_view many);
/// A duration in seconds: "45 s", "3 min", "2 h", "9 days". Negative ones (a clock set back) are "0 s".
[[nodiscard]] std::string age_text(std::int64_t seconds);
/// Seconds since 1970 as "2026-01-31T12:00:00Z".
[[nodiscard]] std::string utc_text(std::int64_t seconds_since_1970);
/// "13.0" for the driver's 13000.
[[nodiscard]] std::string cuda_version_text(int version);
[[nodiscard]] std::string join(std::span<const std::string> parts, std::string_view separator);

/// How many characters a terminal shows: code points; bytes that are no UTF-8 count one each.
[[nodiscard]] std::size_t display_width(std::string_view text) noexcept;
/// At most `width` (3 or more) characters, with "..." for what was cut; never cuts inside a code point.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t width);
/// The text on one line: control characters, escape sequences of a terminal among them, become blanks.
[[nodiscard]] std::string one_line(std::string_view text);
/// The same for a text of several lines: tabs and ends of lines stay.
[[nodiscard]] std::string plain_text(std::string_view text);
/// As many names as fit `width`, then ", +2 more"; always at least one.
[[nodiscard]] std::string shortened_list(std::span<const std::string> names, std::size_t width);

/// The candidate that was probably meant by `word`, or empty.
[[nodiscard]] std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace cujitsu::cli
