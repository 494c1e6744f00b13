// SPDX-License-Identifier: MIT
#include "compile/condition_stack.hpp"

namespace cujitsu::compiler {

bool ConditionStack::wants_condition() const {
  return !levels_.empty() && levels_.back().is_reached && !levels_.back().is_taken;
}

void ConditionStack::open(const Judgement& judgement) {
  Level level;
  level.is_reached = is_active();
  if (level.is_reached) enter(level, judgement);
  levels_.push_back(std::move(level));
}

void ConditionStack::next(const Judgement& judgement) {
  if (levels_.empty()) return;  // NVRTC will say so
  auto& level = levels_.back();
  if (!level.is_reached) return;
  leave_branch(level);
  if (!level.is_taken) enter(level, judgement);
}

void ConditionStack::enter(Level& level, const Judgement& judgement) {
  if (judgement.truth == Truth::no) return;
  level.is_active = true;
  if (judgement.truth == Truth::yes) {
    level.is_taken = true;
    if (level.is_choice)
      for (const auto& each : level.refuted) assume(each);
    return;
  }
  if (!level.is_choice) table_.begin_choice();
  level.is_choice = true;
  for (const auto& each : level.refuted) assume(each);
  if (judgement.name.empty()) return;
  assume(judgement);
  level.refuted.push_back({judgement.truth, judgement.name, !judgement.is_defined});
}

void ConditionStack::assume(const Judgement& judgement) {
  auto state = table_.state(judgement.name);
  if (judgement.is_defined) {
    if (!state.may_be_unknown && state.definitions.empty()) return;  // this branch can not be reached
    state.may_be_undefined = false;
  } else {
    state = {};
  }
  table_.set(judgement.name, std::move(state));
}

void ConditionStack::leave_branch(Level& level) {
  if (level.is_active && level.is_choice) table_.end_branch();
  level.is_active = false;
}

void ConditionStack::close() {
  if (levels_.empty()) return;
  auto& level = levels_.back();
  leave_branch(level);
  if (level.is_choice) {
    if (!level.is_taken) {  // none of the branches
      for (const auto& each : level.refuted) assume(each);
      table_.end_branch();
    }
    table_.end_choice();
  }
  levels_.pop_back();
}

void ConditionStack::close_all() {
  while (!levels_.empty()) close();
}

}  // namespace cujitsu::compiler
