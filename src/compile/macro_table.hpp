// SPDX-License-Identifier: MIT
// What a preprocessor knows of each macro, where it does not know everything.
#pragma once

#include "compile/directives.hpp"

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cujitsu::compiler {

struct Macro {
  std::string_view name;
  bool is_function = false;
  bool is_variadic = false;
  std::vector<std::string_view> parameters;  ///< the variadic one, if any, last
  std::vector<Token> body;
};

/// Every state that a name may be in at one place. A fact is certain where only one is left.
struct MacroState {
  bool may_be_undefined = true;
  bool may_be_unknown = false;  ///< defined by the compiler, as nobody knows what
  std::vector<const Macro*> definitions;

  [[nodiscard]] bool is_undefined() const { return may_be_undefined && !may_be_unknown && definitions.empty(); }
  [[nodiscard]] bool is_defined() const { return !may_be_undefined; }
  void add(const MacroState& other);

  friend bool operator==(const MacroState&, const MacroState&) = default;
};

/// Names and their states. Where a condition can not be decided, its branches are gone through one after the other
/// between begin_choice and end_choice, and what holds after them is what any of them may have left. No thread rule: one
/// thread.
class MacroTable {
 public:
  /// Tells what a name is that no directive has mentioned.
  using Predefined = std::function<MacroState(std::string_view name)>;
  explicit MacroTable(Predefined predefined) : predefined_(std::move(predefined)) {}

  [[nodiscard]] const MacroState& state(std::string_view name);
  void set(std::string_view name, MacroState state);
  void define(const Macro& macro);
  void undefine(std::string_view name);

  void begin_choice();
  /// Ends a branch: what follows starts again from where the choice began.
  void end_branch();
  /// Behind the last branch's end.
  void end_choice();

 private:
  using States = std::unordered_map<std::string_view, MacroState>;
  struct Choice {
    States before;  ///< of what the current branch has changed
    std::vector<States> outcomes;
  };

  Predefined predefined_;
  std::deque<std::string> names_;
  States states_;
  std::vector<Choice> choices_;
};

/// The macro of "NAME(a, b) body" or "NAME body"; nullptr where that is malformed. The views point into `line`.
[[nodiscard]] const Macro* parse_macro(std::string_view line, std::deque<Macro>& storage);

}  // namespace cujitsu::compiler
