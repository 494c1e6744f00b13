// SPDX-License-Identifier: MIT
#include "base/line_diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace cujitsu::text {
namespace {

using Lines = std::vector<std::string_view>;

/// With their line ends, so that a last line without one differs from one that has it.
Lines whole_lines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto length = end == std::string_view::npos ? text.size() : end + 1;
    lines.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return lines;
}

struct Edit {
  char kind;  ///< ' ', '-' or '+'
  std::string_view line;
};

// Each step of the search keeps a row of its own: a bound on the steps is one on memory, and on time.
constexpr std::ptrdiff_t most_steps = 1000;

/// The shortest way from one to the other: E. W. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986).
std::vector<Edit> edits(const Lines& before, const Lines& after) {
  const auto rows = std::ssize(before);
  const auto columns = std::ssize(after);
  const auto steps = std::min(rows + columns, most_steps);
  std::vector<std::vector<std::ptrdiff_t>> trace;  // for each number of steps: how far each diagonal has come
  std::vector<std::ptrdiff_t> farthest(static_cast<std::size_t>(2 * steps + 3), 0);
  const auto at = [&](auto& rows_of, std::ptrdiff_t diagonal) -> auto& {
    return rows_of[static_cast<std::size_t>(diagonal + steps + 1)];
  };
  const auto line = [](const Lines& lines, std::ptrdiff_t index) { return lines[static_cast<std::size_t>(index)]; };
  bool arrived = false;
  for (std::ptrdiff_t step = 0; step <= steps && !arrived; ++step) {
    trace.push_back(farthest);
    for (auto diagonal = -step; diagonal <= step && !arrived; diagonal += 2) {
      const bool down =
          diagonal == -step || (diagonal != step && at(farthest, diagonal - 1) < at(farthest, diagonal + 1));
      auto x = down ? at(farthest, diagonal + 1) : at(farthest, diagonal - 1) + 1;
      auto y = x - diagonal;
      while (x < rows && y < columns && y >= 0 && line(before, x) == line(after, y)) ++x, ++y;
      at(farthest, diagonal) = x;
      arrived = x >= rows && y >= columns;
    }
  }
  std::vector<Edit> result;
  if (!arrived) {
    for (const auto text : before) result.push_back({'-', text});
    for (const auto text : after) result.push_back({'+', text});
    return result;
  }
  auto x = rows;
  auto y = columns;
  for (auto step = std::ssize(trace) - 1; step >= 0; --step) {
    auto& reached = trace[static_cast<std::size_t>(step)];
    const auto diagonal = x - y;
    const bool down = diagonal == -step || (diagonal != step && at(reached, diagonal - 1) < at(reached, diagonal + 1));
    const auto old_x = step == 0 ? 0 : down ? at(reached, diagonal + 1) : at(reached, diagonal - 1);
    const auto old_y = step == 0 ? 0 : old_x - (down ? diagonal + 1 : diagonal - 1);
    while (x > old_x && y > old_y) result.push_back({' ', line(before, --x)}), --y;
    if (step == 0) break;
    if (down)
      result.push_back({'+', line(after, --y)});
    else
      result.push_back({'-', line(before, --x)});
  }
  std::ranges::reverse(result);
  return result;
}

/// The edits of what is left between the lines that both begin and end with: most texts differ in one place.
std::vector<Edit> trimmed_edits(const Lines& before, const Lines& after) {
  const auto most = std::min(before.size(), after.size());
  std::size_t first = 0;
  while (first < most && before[first] == after[first]) ++first;
  std::size_t last = 0;
  while (first + last < most && before[before.size() - 1 - last] == after[after.size() - 1 - last]) ++last;
  const auto middle = [&](const Lines& lines) {
    return Lines(lines.begin() + static_cast<std::ptrdiff_t>(first), lines.end() - static_cast<std::ptrdiff_t>(last));
  };
  std::vector<Edit> result;
  for (std::size_t i = 0; i < first; ++i) result.push_back({' ', before[i]});
  std::ranges::copy(edits(middle(before), middle(after)), std::back_inserter(result));
  for (std::size_t i = before.size() - last; i < before.size(); ++i) result.push_back({' ', before[i]});
  return result;
}

/// "12,3", "12", or the line before where there are none, as diff writes it.
std::string range_text(std::size_t first, std::size_t count) {
  if (count == 0) return fmt::format("{},0", first);
  return count == 1 ? fmt::format("{}", first + 1) : fmt::format("{},{}", first + 1, count);
}

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after, std::string_view before_name,
                         std::string_view after_name, std::size_t context) {
  if (before == after) return {};
  const auto all = trimmed_edits(whole_lines(before), whole_lines(after));
  auto result = fmt::format("--- {}\n+++ {}\n", before_name, after_name);
  std::size_t old_line = 0;
  std::size_t new_line = 0;
  std::size_t position = 0;
  const auto pass = [&](std::size_t end) {
    for (; position < end; ++position) {
      if (all[position].kind != '+') ++old_line;
      if (all[position].kind != '-') ++new_line;
    }
  };
  const auto next_change = [&](std::size_t from) {
    while (from < all.size() && all[from].kind == ' ') ++from;
    return from;
  };
  for (auto change = next_change(0); change < all.size();) {
    pass(std::max(position, change - std::min(change, context)));
    // Changes whose contexts touch make one hunk.
    auto end = change;
    for (auto next = change; next < all.size() && next <= end + 2 * context; next = next_change(end)) {
      end = next;
      while (end < all.size() && all[end].kind != ' ') ++end;
    }
    const auto hunk_end = std::min(all.size(), end + context);
    const auto first = position;
    const auto old_first = old_line;
    const auto new_first = new_line;
    pass(hunk_end);
    result += fmt::format("@@ -{} +{} @@\n", range_text(old_first, old_line - old_first),
                          range_text(new_first, new_line - new_first));
    for (auto i = first; i < hunk_end; ++i) {
      result += all[i].kind;
      result += all[i].line;
      if (!all[i].line.ends_with('\n')) result += "\n\\ No newline at end of file\n";
    }
    change = next_change(hunk_end);
  }
  return result;
}

}  // namespace cujitsu::text
