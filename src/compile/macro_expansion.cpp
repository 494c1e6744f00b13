// SPDX-License-Identifier: MIT
#include "compile/macro_expansion.hpp"

#include <algorithm>
#include <utility>

namespace cujitsu::compiler {
namespace {

constexpr int most_rounds = 64;
constexpr std::size_t most_work = 200'000;   // tokens in one expansion
constexpr std::size_t most_kept = 1U << 20;  // characters that ## and # make in one
constexpr int most_depth = 100;              // of arguments within arguments

bool is_hidden(const Token& token) {
  for (const auto* each = token.hidden; each != nullptr; each = each->next)
    if (each->name == token.text) return true;
  return false;
}

bool contains(const HiddenMacro* list, std::string_view name) {
  for (; list != nullptr; list = list->next)
    if (list->name == name) return true;
  return false;
}

void push_reversed(std::vector<Token>& pending, const std::vector<Token>& tokens) {
  pending.insert(pending.end(), tokens.rbegin(), tokens.rend());
}

bool is_has_operator(std::string_view word) { return word.starts_with("__has_") || word == "__is_identifier"; }

}  // namespace

std::size_t Assumptions::pick(std::string_view name, std::size_t count) {
  if (const auto known = in_round_.find(name); known != in_round_.end()) return known->second;
  if (asked_ == decisions_.size()) decisions_.push_back({std::string(name), 0, count});
  const auto chosen = decisions_[asked_++].chosen;
  in_round_.emplace(name, chosen);
  return chosen;
}

bool Assumptions::next() {
  decisions_.resize(std::min(asked_, decisions_.size()));
  while (!decisions_.empty() && decisions_.back().chosen + 1 == decisions_.back().count) decisions_.pop_back();
  if (decisions_.empty()) return false;
  if (++rounds_ > most_rounds) {
    gave_up_ = true;
    return false;
  }
  ++decisions_.back().chosen;
  in_round_.clear();
  asked_ = 0;
  return true;
}

Expansion MacroExpander::expand(std::vector<Token> tokens, Assumptions& assumptions, std::string_view file_name,
                                const HasInclude* has_include) {
  Expansion result;
  texts_.clear();
  hidden_.clear();
  assumptions_ = &assumptions;
  file_name_ = file_name;
  result_ = &result;
  has_include_ = has_include;
  work_ = 0;
  kept_ = 0;
  std::ranges::reverse(tokens);
  run(tokens, result.tokens, 0);
  result_ = nullptr;
  return result;
}

void MacroExpander::run(Tokens& pending, Tokens& output, int depth) {
  if (depth > most_depth) result_->failed = true;
  while (!pending.empty() && !result_->failed) {
    if (++work_ > most_work) {
      result_->failed = true;
      return;
    }
    const Token token = pending.back();
    pending.pop_back();
    if (token.kind != TokenKind::word) {
      output.push_back(token);
      continue;
    }
    if (has_include_ != nullptr && condition_operator(token, pending, output, depth)) continue;
    if (is_hidden(token)) {
      output.push_back(token);
      continue;
    }
    if (token.text == "__FILE__" && !file_name_.empty()) {
      output.push_back({TokenKind::literal, token.spaced, keep('"' + std::string(file_name_) + '"')});
      continue;
    }
    const auto& state = table_.state(token.text);
    if (state.is_undefined()) {
      output.push_back(token);
      continue;
    }
    if (state.may_be_unknown) {
      result_->unknown = token.text;
      output.push_back({TokenKind::unknown, token.spaced, token.text});
      continue;
    }
    const auto count = state.definitions.size() + (state.may_be_undefined ? 1 : 0);
    const auto chosen = count == 1 ? 0 : assumptions_->pick(token.text, count);
    if (chosen == state.definitions.size()) {
      output.push_back(token);
      continue;
    }
    const auto& macro = *state.definitions[chosen];
    if (macro.is_function && (pending.empty() || !pending.back().is("("))) {
      output.push_back(token);
      continue;
    }
    replace(token, macro, pending, depth);
  }
}

bool MacroExpander::condition_operator(const Token& word, Tokens& pending, Tokens& output, int depth) {
  if (word.text == "defined") {
    const bool in_parentheses = !pending.empty() && pending.back().is("(");
    if (in_parentheses) pending.pop_back();
    if (pending.empty() || pending.back().kind != TokenKind::word) {
      result_->failed = true;
      return true;
    }
    const Token name = pending.back();
    pending.pop_back();
    if (in_parentheses) {
      if (pending.empty() || !pending.back().is(")"))
        result_->failed = true;
      else
        pending.pop_back();
    }
    const auto& state = table_.state(name.text);
    if (state.is_defined() || state.is_undefined()) {
      output.push_back({TokenKind::number, word.spaced, state.is_defined() ? "1" : "0"});
    } else if (state.may_be_unknown) {
      result_->unknown = name.text;
      output.push_back({TokenKind::unknown, word.spaced, name.text});
    } else {  // the same assumption as where its value is used
      const auto chosen = assumptions_->pick(name.text, state.definitions.size() + 1);
      output.push_back({TokenKind::number, word.spaced, chosen == state.definitions.size() ? "0" : "1"});
    }
    return true;
  }
  if (!is_has_operator(word.text)) return false;
  if (pending.empty() || !pending.back().is("(")) {
    output.push_back({TokenKind::unknown, word.spaced, word.text});
    return true;
  }
  auto operand = take_parenthesised(pending);
  int answer = -1;
  if (word.text == "__has_include" || word.text == "__has_include_next") {
    const bool is_literal = !operand.empty() && (operand[0].is("<") || operand[0].kind == TokenKind::literal);
    if (!is_literal) {
      std::ranges::reverse(operand);
      Tokens expanded;
      run(operand, expanded, depth + 1);
      operand = std::move(expanded);
    }
    answer = (*has_include_)(word.text == "__has_include_next", operand);
  }
  if (answer < 0)
    output.push_back({TokenKind::unknown, word.spaced, word.text});
  else
    output.push_back({TokenKind::number, word.spaced, answer != 0 ? "1" : "0"});
  return true;
}

std::vector<Token> MacroExpander::take_parenthesised(Tokens& pending) {
  Tokens inside;
  int open = 0;
  while (!pending.empty()) {
    const Token token = pending.back();
    pending.pop_back();
    if (token.is("(") && ++open == 1) continue;
    if (token.is(")") && --open == 0) return inside;
    inside.push_back(token);
  }
  result_->failed = true;
  return inside;
}

/// From behind the name to behind the closing parenthesis; false when that is missing.
bool MacroExpander::collect(Tokens& pending, std::vector<Tokens>& arguments, Token& close, const Macro& macro) {
  pending.pop_back();  // the opening one
  arguments.emplace_back();
  int open = 1;
  while (!pending.empty()) {
    const Token token = pending.back();
    pending.pop_back();
    if (token.is("(")) ++open;
    if (token.is(")") && --open == 0) {
      close = token;
      return true;
    }
    const bool takes_rest = macro.is_variadic && arguments.size() >= macro.parameters.size();
    if (token.is(",") && open == 1 && !takes_rest)
      arguments.emplace_back();
    else
      arguments.back().push_back(token);
  }
  return false;
}

void MacroExpander::replace(const Token& word, const Macro& macro, Tokens& pending, int depth) {
  Tokens replacement;
  const HiddenMacro* base = word.hidden;
  if (macro.is_function) {
    std::vector<Tokens> arguments;
    Token close;
    if (!collect(pending, arguments, close, macro)) {
      result_->failed = true;
      return;
    }
    if (macro.parameters.empty() && arguments.size() == 1 && arguments[0].empty()) arguments.clear();
    if (macro.is_variadic && arguments.size() + 1 == macro.parameters.size()) arguments.emplace_back();
    if (arguments.size() != macro.parameters.size()) {
      result_->failed = true;
      return;
    }
    base = nullptr;
    for (const auto* each = word.hidden; each != nullptr; each = each->next)
      if (contains(close.hidden, each->name)) base = hide(each->name, base);
    replacement = substitute(macro, arguments, depth);
  } else {
    replacement = substitute(macro, {}, depth);
  }
  work_ += replacement.size();
  const HiddenMacro* last_hidden = nullptr;  // most tokens hide the same
  const HiddenMacro* last_result = nullptr;
  for (auto& token : replacement) {
    auto hidden = token.hidden;
    if (last_result != nullptr && hidden == last_hidden) {
      token.hidden = last_result;
      continue;
    }
    last_hidden = hidden;
    for (const auto* each = base; each != nullptr; each = each->next)
      if (!contains(hidden, each->name)) hidden = hide(each->name, hidden);
    token.hidden = last_result = hide(macro.name, hidden);
  }
  if (!replacement.empty()) replacement.front().spaced = word.spaced;
  push_reversed(pending, replacement);
}

std::string_view MacroExpander::keep(std::string text) {
  kept_ += text.size();
  if (kept_ > most_kept) {
    result_->failed = true;
    return {};
  }
  return texts_.emplace_back(std::move(text));
}

Token MacroExpander::stringise(const Tokens& tokens) {
  std::string text = "\"";
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i != 0 && tokens[i].spaced) text += ' ';
    for (const char c : tokens[i].text) {
      if (tokens[i].kind == TokenKind::literal && (c == '"' || c == '\\')) text += '\\';
      text += c;
    }
  }
  return {TokenKind::literal, false, keep(text + '"')};
}

std::vector<Token> MacroExpander::substitute(const Macro& macro, const std::vector<Tokens>& arguments, int depth) {
  const auto argument_of = [&](const Token& token) -> const Tokens* {
    if (token.kind != TokenKind::word || !macro.is_function) return nullptr;
    const auto at = std::ranges::find(macro.parameters, token.text);
    return at == macro.parameters.end() ? nullptr : &arguments[static_cast<std::size_t>(at - macro.parameters.begin())];
  };
  const auto is_paste = [](const Token& token) { return token.is("##") || token.is("%:%:"); };
  const auto& body = macro.body;
  Tokens result;
  bool pastes = false;  // ## stands before what comes next
  const auto append = [&](const Tokens& tokens, bool spaced) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      Token token = tokens[i];
      if (i == 0) token.spaced = spaced;
      if (i == 0 && pastes && !result.empty()) {
        const auto glued = keep(std::string(result.back().text) + std::string(token.text));
        Tokens remade;
        tokenize(glued, remade);
        const bool was_spaced = result.back().spaced;
        result.pop_back();
        for (auto& each : remade) result.push_back(each);
        if (!remade.empty()) result[result.size() - remade.size()].spaced = was_spaced;
      } else {
        result.push_back(token);
      }
    }
    if (!tokens.empty() || !pastes) pastes = false;
  };
  bool left_is_empty = false;  // an empty argument stands before ##: there is nothing to glue to
  for (std::size_t i = 0; i < body.size(); ++i) {
    const auto& token = body[i];
    const bool before_paste = i + 1 < body.size() && is_paste(body[i + 1]);
    if (is_paste(token) && i != 0) {
      pastes = !left_is_empty;
      left_is_empty = false;
      continue;
    }
    if ((token.is("#") || token.is("%:")) && macro.is_function && i + 1 < body.size())
      if (const auto* argument = argument_of(body[i + 1])) {
        append({stringise(*argument)}, token.spaced);
        ++i;
        continue;
      }
    if (token.kind == TokenKind::word && token.text == "__VA_OPT__" && macro.is_variadic) {
      result_->failed = true;  // in conditions and names of headers hardly ever
      return {};
    }
    if (const auto* argument = argument_of(token)) {
      const bool was_pasting = pastes;
      if (pastes || before_paste) {
        const bool is_gnu_comma = pastes && argument->empty() && macro.is_variadic && !result.empty() &&
                                  result.back().is(",") && token.text == macro.parameters.back();
        if (is_gnu_comma) result.pop_back();
        if (pastes && macro.is_variadic && !result.empty() && result.back().is(",")) pastes = false;
        append(*argument, token.spaced);
        if (argument->empty()) left_is_empty = !was_pasting || result.empty();
        pastes = false;
      } else {
        Tokens copy = *argument;
        std::ranges::reverse(copy);
        Tokens expanded;
        run(copy, expanded, depth + 1);
        append(expanded, token.spaced);
      }
      continue;
    }
    append({token}, token.spaced);
  }
  return result;
}

}  // namespace cujitsu::compiler
