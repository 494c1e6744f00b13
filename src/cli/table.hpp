// SPDX-License-Identifier: MIT
// A table with aligned columns.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace cujitsu::cli {

/// Cells are text on one line; a cell that is missing is empty.
class Table {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  void add(std::vector<std::string> cells);
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
  /// Columns that the table takes up to its last column.
  [[nodiscard]] std::size_t width_before_last() const;

  /// Two blanks between columns, none at a line's end. `indent` blanks come first on each line.
  void print(std::ostream& out, bool bold_header, std::size_t indent = 0) const;

 private:
  [[nodiscard]] std::vector<std::size_t> widths() const;
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace cujitsu::cli
