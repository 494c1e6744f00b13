// SPDX-License-Identifier: MIT
#include "compile/macro_table.hpp"

#include <algorithm>
#include <utility>

namespace cujitsu::compiler {
namespace {

constexpr std::size_t most_definitions = 8;  // of one name; beyond that its value counts as unknown

}  // namespace

void MacroState::add(const MacroState& other) {
  may_be_undefined |= other.may_be_undefined;
  may_be_unknown |= other.may_be_unknown;
  for (const auto* macro : other.definitions)
    if (std::ranges::find(definitions, macro) == definitions.end()) definitions.push_back(macro);
  if (definitions.size() > most_definitions) {
    definitions.clear();
    may_be_unknown = true;
  }
}

const MacroState& MacroTable::state(std::string_view name) {
  const auto known = states_.find(name);
  if (known != states_.end()) return known->second;
  return states_.emplace(names_.emplace_back(name), predefined_(name)).first->second;
}

void MacroTable::set(std::string_view name, MacroState state) {
  static_cast<void>(this->state(name));
  const auto at = states_.find(name);
  if (!choices_.empty()) choices_.back().before.try_emplace(at->first, at->second);
  at->second = std::move(state);
}

void MacroTable::define(const Macro& macro) { set(macro.name, {false, false, {&macro}}); }

void MacroTable::undefine(std::string_view name) { set(name, {}); }

void MacroTable::begin_choice() { choices_.emplace_back(); }

void MacroTable::end_branch() {
  auto& choice = choices_.back();
  States outcome;
  for (auto& [name, before] : choice.before) {
    auto& current = states_.find(name)->second;
    outcome.emplace(name, std::exchange(current, std::move(before)));
  }
  choice.before.clear();
  choice.outcomes.push_back(std::move(outcome));
}

void MacroTable::end_choice() {
  const auto choice = std::move(choices_.back());
  choices_.pop_back();
  States merged;
  for (const auto& outcome : choice.outcomes)
    for (const auto& [name, unused] : outcome) {
      if (merged.contains(name)) continue;
      MacroState all{false, false, {}};
      for (const auto& each : choice.outcomes) {
        const auto found = each.find(name);
        all.add(found != each.end() ? found->second : states_.find(name)->second);
      }
      merged.emplace(name, std::move(all));
    }
  for (auto& [name, state] : merged) set(name, std::move(state));
}

const Macro* parse_macro(std::string_view line, std::deque<Macro>& storage) {
  std::vector<Token> tokens;
  tokenize(line, tokens);
  if (tokens.empty() || tokens[0].kind != TokenKind::word) return nullptr;
  Macro macro;
  macro.name = tokens[0].text;
  std::size_t at = 1;
  if (tokens.size() > 1 && tokens[1].is("(") && !tokens[1].spaced) {
    macro.is_function = true;
    for (at = 2; at < tokens.size() && !tokens[at].is(")"); ++at) {
      const auto& token = tokens[at];
      if (token.is("...")) {
        // "name..." names the rest; "..." calls it __VA_ARGS__
        if (at > 2 && tokens[at - 1].kind == TokenKind::word && !macro.parameters.empty())
          macro.is_variadic = true;
        else {
          macro.is_variadic = true;
          macro.parameters.push_back("__VA_ARGS__");
        }
      } else if (token.kind == TokenKind::word) {
        macro.parameters.push_back(token.text);
      } else if (!token.is(",")) {
        return nullptr;
      }
    }
    if (at == tokens.size()) return nullptr;
    ++at;
  }
  macro.body.assign(tokens.begin() + static_cast<std::ptrdiff_t>(at), tokens.end());
  if (!macro.body.empty()) macro.body.front().spaced = false;
  return &storage.emplace_back(std::move(macro));
}

}  // namespace cujitsu::compiler
