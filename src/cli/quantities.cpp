// SPDX-License-Identifier: MIT
#include "cli/quantities.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace cujitsu::cli {
namespace {

/// A number, which is not negative, and the unit behind it.
std::optional<std::pair<double, std::string_view>> split(std::string_view text) {
  double number = 0;
  if (text.empty() || !((text[0] >= '0' && text[0] <= '9') || text[0] == '.')) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  while (text.starts_with(' ')) text.remove_prefix(1);
  return std::pair(number, text);
}

}  // namespace

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  constexpr std::pair<std::string_view, double> units[]{
      {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {"w", 7 * 86400.0}};
  constexpr double most = 1e11;  // three thousand years: what is added to it stays in range
  const auto parts = split(text);
  if (!parts) return std::nullopt;
  for (const auto& [name, seconds] : units)
    if (parts->second == name && parts->first * seconds <= most)
      return std::chrono::seconds(static_cast<std::int64_t>(parts->first * seconds));
  return std::nullopt;
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  constexpr std::string_view letters = "KMGT";
  constexpr double most = 1e18;
  const auto parts = split(text);
  if (!parts) return std::nullopt;
  auto [number, unit] = *parts;
  if (!unit.empty() && unit != "B") {
    const char letter = unit[0] >= 'a' && unit[0] <= 'z' ? static_cast<char>(unit[0] - 'a' + 'A') : unit[0];
    const auto power = letters.find(letter);
    const auto rest = unit.substr(1);
    if (power == std::string_view::npos || !(rest.empty() || rest == "B" || rest == "iB")) return std::nullopt;
    for (std::size_t i = 0; i <= power; ++i) number *= 1024;
  }
  if (number > most) return std::nullopt;
  return static_cast<std::uint64_t>(number);
}

std::string check_duration(const std::string& text) {
  if (parse_duration(text)) return {};
  return fmt::format("'{}' is no duration; write a number and s, m, h, d or w, such as 12h, 7d or 2w", text);
}

std::string check_bytes(const std::string& text) {
  if (parse_bytes(text)) return {};
  return fmt::format("'{}' is no size; write bytes, or a number with K, M, G or T, such as 500M or 1.5G", text);
}

}  // namespace cujitsu::cli
