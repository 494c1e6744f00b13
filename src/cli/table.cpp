// SPDX-License-Identifier: MIT
#include "cli/table.hpp"

#include "cli/text.hpp"

#include <algorithm>

namespace cujitsu::cli {
namespace {

constexpr std::size_t gap = 2;

}  // namespace

void Table::add(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (auto& cell : cells) cell = one_line(cell);
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = display_width(columns_[i].title);
    for (const auto& row : rows_) width = std::max(width, display_width(row[i]));
    result.push_back(width);
  }
  return result;
}

std::size_t Table::width_before_last() const {
  std::size_t sum = 0;
  const auto all = widths();
  for (std::size_t i = 0; i + 1 < all.size(); ++i) sum += all[i] + gap;
  return sum;
}

void Table::print(std::ostream& out, bool bold_header, std::size_t indent) const {
  const auto width = widths();
  const auto line = [&](auto&& cell_at) {
    std::string text(indent, ' ');
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string& cell = cell_at(i);
      const std::string blanks(width[i] - display_width(cell), ' ');
      text += columns_[i].align == Align::right ? blanks + cell : cell + blanks;
      text.append(gap, ' ');
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  };
  const auto header = line([&](std::size_t i) -> const std::string& { return columns_[i].title; });
  out << (bold_header ? "\033[1m" + header + "\033[0m" : header) << '\n';
  for (const auto& row : rows_) out << line([&](std::size_t i) -> const std::string& { return row[i]; }) << '\n';
}

}  // namespace cujitsu::cli
