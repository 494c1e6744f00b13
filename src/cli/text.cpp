// SPDX-License-Identifier: MIT
#include "cli/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <vector>

namespace cujitsu::cli {
namespace {

[[nodiscard]] bool continues_code_point(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Letters to add, drop, replace or swap with their neighbour. A swap counts once because it is the commonest slip:
/// "complie" shall find "compile".
std::size_t slips(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i)
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      const bool same = a[i - 1] == b[j - 1];
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  return cost[a.size()][b.size()];
}

/// Blanks for the control characters that are not in `kept`: those of ASCII, and U+0080 to U+009F, of which U+009B begins an
/// escape sequence as ESC [ does.
std::string without_controls(std::string_view text, std::string_view kept) {
  std::string result(text);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const auto byte = static_cast<unsigned char>(result[i]);
    if ((byte < 0x20 || byte == 0x7F) && kept.find(result[i]) == std::string_view::npos) {
      result[i] = ' ';
    } else if (byte == 0xC2 && i + 1 < result.size() && static_cast<unsigned char>(result[i + 1]) < 0xA0 &&
               continues_code_point(result[i + 1])) {
      result[i] = ' ';
      result.erase(i + 1, 1);
    }
  }
  return result;
}

}  // namespace

std::string bytes_text(std::uint64_t count) {
  if (count < 1024) return fmt::format("{} B", count);
  auto value = static_cast<double>(count);
  const char* unit = "B";
  for (const char* larger : {"KiB", "MiB", "GiB", "TiB"}) {
    if (value < 1024) break;
    value /= 1024;
    unit = larger;
  }
  return fmt::format("{:.1f} {}", value, unit);
}

std::string count_text(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string age_text(std::int64_t seconds) {
  constexpr std::int64_t minute = 60, hour = 60 * minute, day = 24 * hour;
  if (seconds < 2 * minute) return fmt::format("{} s", std::max<std::int64_t>(seconds, 0));
  if (seconds < 2 * hour) return fmt::format("{} min", seconds / minute);
  if (seconds < 2 * day) return fmt::format("{} h", seconds / hour);
  return fmt::format("{} days", seconds / day);
}

std::string utc_text(std::int64_t seconds_since_1970) {
  const std::time_t time = seconds_since_1970;
  std::tm parts{};
  std::array<char, 32> text{};
  if (gmtime_r(&time, &parts) == nullptr || std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
    return fmt::format("{} s after 1970", seconds_since_1970);
  return text.data();
}

std::string cuda_version_text(int version) { return fmt::format("{}.{}", version / 1000, version % 1000 / 10); }

std::string join(std::span<const std::string> parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts.begin(), parts.end(), separator));
}

std::size_t display_width(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !continues_code_point(c); }));
}

std::string shortened(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  const std::size_t kept = std::max<std::size_t>(width, 3) - 3;
  std::size_t end = 0;
  for (std::size_t shown = 0; end < text.size(); ++end)
    if (!continues_code_point(text[end]) && shown++ == kept) break;
  return std::string(text.substr(0, end)) + "...";
}

std::string one_line(std::string_view text) { return without_controls(text, ""); }

std::string plain_text(std::string_view text) { return without_controls(text, "\n\t"); }

std::string shortened_list(std::span<const std::string> names, std::size_t width) {
  if (const auto whole = join(names, ", "); names.size() < 2 || display_width(whole) <= width)
    return shortened(whole, width);
  for (std::size_t kept = names.size() - 1; kept > 1; --kept) {
    const auto text = fmt::format("{}, +{} more", join(names.first(kept), ", "), names.size() - kept);
    if (display_width(text) <= width) return text;
  }
  const auto more = fmt::format(", +{} more", names.size() - 1);
  return shortened(names.front(), width - std::min(width, more.size())) + more;
}

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  std::string best;
  std::size_t fewest = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const auto& candidate : candidates)
    if (const auto count = slips(word, candidate); count < fewest) {
      best = candidate;
      fewest = count;
    }
  return best;
}

}  // namespace cujitsu::cli
