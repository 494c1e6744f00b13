// SPDX-License-Identifier: MIT
// Replaces macros in a line of tokens, under one assumption on each macro whose definition is not certain.
#pragma once

#include "compile/macro_table.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::compiler {

/// Goes through every combination of what is uncertain: do { … pick(…) … } while (assumptions.next()).
class Assumptions {
 public:
  /// One of `count` possibilities for `name`, the same one for the same name within a round.
  std::size_t pick(std::string_view name, std::size_t count);
  /// The next round; false when there is none, or after too many of them (see `gave_up`).
  bool next();
  [[nodiscard]] bool gave_up() const { return gave_up_; }

 private:
  struct Decision {
    std::string name;
    std::size_t chosen;
    std::size_t count;
  };
  std::vector<Decision> decisions_;
  std::map<std::string, std::size_t, std::less<>> in_round_;
  std::size_t asked_ = 0;
  int rounds_ = 1;
  bool gave_up_ = false;
};

/// The answer of __has_include or __has_include_next; `tokens` is the operand. -1 where it can not be told.
using HasInclude = std::function<int(bool is_next, const std::vector<Token>& tokens)>;

struct Expansion {
  std::vector<Token> tokens;
  std::string unknown;  ///< a macro whose value had to be left open, if any
  bool failed = false;  ///< malformed, or too long
};

class MacroExpander {
 public:
  explicit MacroExpander(MacroTable& table) : table_(table) {}

  /// `file_name`: what __FILE__ is; empty where that is not known. `has_include` non-null: the line is a condition, where
  /// `defined` and the __has_… operators mean something. The tokens live until the next call.
  [[nodiscard]] Expansion expand(std::vector<Token> tokens, Assumptions& assumptions, std::string_view file_name,
                                 const HasInclude* has_include);

  /// Tokens that the last call went through.
  [[nodiscard]] std::size_t work() const { return work_; }

 private:
  using Tokens = std::vector<Token>;
  void run(Tokens& pending, Tokens& output, int depth);
  bool condition_operator(const Token& word, Tokens& pending, Tokens& output, int depth);
  void replace(const Token& word, const Macro& macro, Tokens& pending, int depth);
  bool collect(Tokens& pending, std::vector<Tokens>& arguments, Token& close, const Macro& macro);
  [[nodiscard]] Tokens substitute(const Macro& macro, const std::vector<Tokens>& arguments, int depth);
  [[nodiscard]] Token stringise(const Tokens& tokens);
  [[nodiscard]] Tokens take_parenthesised(Tokens& pending);
  const HiddenMacro* hide(std::string_view name, const HiddenMacro* before) {
    return &hidden_.emplace_back(HiddenMacro{name, before});
  }

  [[nodiscard]] std::string_view keep(std::string text);

  MacroTable& table_;
  Assumptions* assumptions_ = nullptr;
  std::string_view file_name_;
  const HasInclude* has_include_ = nullptr;
  std::deque<std::string> texts_;
  std::deque<HiddenMacro> hidden_;
  Expansion* result_ = nullptr;
  std::size_t work_ = 0;
  std::size_t kept_ = 0;
};

}  // namespace cujitsu::compiler
