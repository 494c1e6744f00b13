// SPDX-License-Identifier: MIT
// Small text tools for messages.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::text {

/// The candidate that `name` was probably meant to be: by edit distance, at most a third of its length
/// away (a short name: two edits, a very short one: one).
[[nodiscard]] std::optional<std::string> nearest(std::string_view name, std::span<const std::string> candidates);

[[nodiscard]] std::string join(std::span<const std::string> parts, std::string_view separator);

/// The lines of `text` without their line ends.
[[nodiscard]] std::vector<std::string_view> lines(std::string_view text);

[[nodiscard]] std::string_view trim(std::string_view text) noexcept;

/// "512 B", "3.4 KiB", "1.0 GiB".
[[nodiscard]] std::string bytes(std::uint64_t count);

/// "_Z3addPfi" -> "add(float*, int)"; what is not a mangled name comes back as it is.
[[nodiscard]] std::string demangle(const std::string& lowered_name);

}  // namespace cujitsu::text
