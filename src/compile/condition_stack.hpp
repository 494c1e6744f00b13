// SPDX-License-Identifier: MIT
// The nested conditions of one file, taken both ways where they can not be decided.
#pragma once

#include "compile/condition.hpp"
#include "compile/macro_table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::compiler {

struct Judgement {
  Truth truth = Truth::no;
  std::string_view name = {};  ///< of an undecided condition that is just whether this is defined …
  bool is_defined = false;     ///< … or not
};

/// Drives the choices of a MacroTable. One thread.
class ConditionStack {
 public:
  explicit ConditionStack(MacroTable& table) : table_(table) {}

  [[nodiscard]] bool is_active() const { return levels_.empty() || levels_.back().is_active; }
  /// Whether the condition of an #elif here is looked at.
  [[nodiscard]] bool wants_condition() const;

  void open(const Judgement& judgement);
  /// #elif, and #else with Truth::yes. Looks at nothing where the branch can not be reached.
  void next(const Judgement& judgement);
  void close();
  void close_all();

 private:
  struct Level {
    bool is_reached = false;  ///< active around it
    bool is_active = false;
    bool is_taken = false;           ///< no further branch can be reached
    bool is_choice = false;          ///< a branch was undecided
    std::vector<Judgement> refuted;  ///< what holds where none of the branches so far was taken
  };
  void enter(Level& level, const Judgement& judgement);
  void assume(const Judgement& judgement);
  void leave_branch(Level& level);

  MacroTable& table_;
  std::vector<Level> levels_;
};

}  // namespace cujitsu::compiler
