// SPDX-License-Identifier: MIT
// What the names in a function's body mean, scope by scope.
#include "softgpu/ptx/function_names.hpp"

namespace cujitsu::softgpu::ptx {
namespace {

constexpr std::size_t most_digits = 9;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

}  // namespace

void FunctionNames::open() { scopes_.push_back({hidden_names_.size(), hidden_ranges_.size(), {}, {}}); }

void FunctionNames::close() {
  Scope closed = std::move(scopes_.back());
  scopes_.pop_back();
  for (const Use& use : closed.open_uses) {
    if (const auto label = closed.labels.find(use.name); label != closed.labels.end())
      uses_[use.use] = label->second;
    else if (!scopes_.empty())
      scopes_.back().open_uses.push_back(use);
    else if (!missing_)
      missing_ = Missing{use.name, use.line};
  }
  while (hidden_names_.size() > closed.hidden_names) {
    const auto& [name, before] = hidden_names_.back();
    if (before)
      names_[name] = *before;
    else
      names_.erase(name);
    hidden_names_.pop_back();
  }
  while (hidden_ranges_.size() > closed.hidden_ranges) {
    const auto& [prefix, before] = hidden_ranges_.back();
    if (before)
      range_of_prefix_[prefix] = *before;
    else
      range_of_prefix_.erase(prefix);
    hidden_ranges_.pop_back();
  }
}

bool FunctionNames::add(std::string_view name, Symbol::Kind kind, std::uint32_t index) {
  if (name == "_") return true;
  Symbol symbol;
  symbol.kind = kind;
  symbol.index = index;
  symbol.scope = scope();
  const auto [place, is_new] = names_.try_emplace(name, symbol);
  if (is_new) {
    hidden_names_.emplace_back(name, std::nullopt);
    return true;
  }
  if (place->second.scope == symbol.scope) return false;
  hidden_names_.emplace_back(name, place->second);
  place->second = symbol;
  return true;
}

std::uint32_t FunctionNames::new_register(std::string_view name, Type type, unsigned lanes) {
  const auto index = static_cast<std::uint32_t>(function_.registers.size());
  for (unsigned lane = 0; lane < lanes; ++lane) function_.registers.push_back({name, type});
  return index;
}

bool FunctionNames::add_register(std::string_view name, Type type, unsigned lanes) {
  if (const auto found = find_in_ranges(name); found && ranges_[found->first].scope == scope()) return false;
  if (!add(name, Symbol::Kind::reg, new_register(name, type, lanes))) return false;
  const auto place = names_.find(name);
  if (place != names_.end()) place->second.lanes = static_cast<std::uint8_t>(lanes);
  return true;
}

bool FunctionNames::add_registers(std::string_view prefix, std::uint32_t count, Type type, unsigned lanes) {
  Range range;
  range.prefix = prefix;
  range.count = count;
  range.scope = scope();
  range.lanes = static_cast<std::uint8_t>(lanes);
  range.type = type;
  const auto index = static_cast<std::uint32_t>(ranges_.size());
  const auto [place, is_new] = range_of_prefix_.try_emplace(prefix, index);
  if (is_new) {
    hidden_ranges_.emplace_back(prefix, std::nullopt);
  } else {
    if (ranges_[place->second].scope == range.scope) return false;
    range.outer = place->second;
    hidden_ranges_.emplace_back(prefix, place->second);
    place->second = index;
  }
  ranges_.push_back(std::move(range));
  return true;
}

bool FunctionNames::add_label(std::string_view name) {
  const auto index = static_cast<std::uint32_t>(function_.labels.size());
  if (const auto symbol = names_.find(name); symbol != names_.end() && symbol->second.scope == scope()) return false;
  if (!scopes_.back().labels.try_emplace(name, index).second) return false;
  function_.labels.push_back({name, static_cast<std::uint32_t>(function_.instructions.size())});
  return true;
}

std::uint32_t FunctionNames::use_label(std::string_view name, std::uint32_t line) {
  const auto use = static_cast<std::uint32_t>(uses_.size());
  uses_.push_back(0);
  scopes_.back().open_uses.push_back({name, line, use});
  return use;
}

/// The innermost range that the name is of, and its number there. "%r12" may be of %r<20> or of %r1<5>.
std::optional<std::pair<std::uint32_t, std::uint32_t>> FunctionNames::find_in_ranges(std::string_view name) const {
  std::optional<std::pair<std::uint32_t, std::uint32_t>> best;
  std::uint32_t number = 0;
  std::uint32_t scale = 1;
  std::size_t begin = name.size();
  for (std::size_t digits = 0; digits < most_digits && begin > 1 && is_digit(name[begin - 1]); ++digits, scale *= 10) {
    --begin;
    number += scale * static_cast<std::uint32_t>(name[begin] - '0');
    const auto found = range_of_prefix_.find(name.substr(0, begin));
    if (found == range_of_prefix_.end()) continue;
    std::optional<std::uint32_t> index = found->second;
    while (index && number >= ranges_[*index].count) index = ranges_[*index].outer;
    if (index && (!best || ranges_[*index].scope > ranges_[best->first].scope)) best = {*index, number};
  }
  return best;
}

std::uint32_t FunctionNames::register_of(Range& range, std::uint32_t number, std::string_view name) {
  if (number < range.dense.size()) {
    std::uint32_t& place = range.dense[number];
    if (place == 0) {
      place = new_register(name, range.type, range.lanes) + 1;
      ++range.used;
    }
    return place - 1;
  }
  if (const auto found = range.sparse.find(number); found != range.sparse.end()) return found->second;
  const std::uint32_t index = new_register(name, range.type, range.lanes);
  ++range.used;
  if (number <= 4 * range.used + 64) {  // no more room than the text has uses for
    range.dense.resize(number + 1 + range.dense.size() / 2);
    for (auto one = range.sparse.begin(); one != range.sparse.end();) {
      if (one->first < range.dense.size()) {
        range.dense[one->first] = one->second + 1;
        one = range.sparse.erase(one);
      } else {
        ++one;
      }
    }
    range.dense[number] = index + 1;
  } else {
    range.sparse.emplace(number, index);
  }
  return index;
}

std::optional<FunctionNames::Symbol> FunctionNames::find(std::string_view name) {
  const auto exact = names_.find(name);
  if (is_digit(name.back())) {
    const auto in_range = find_in_ranges(name);
    if (in_range) {
      Range& range = ranges_[in_range->first];
      if (exact == names_.end() || range.scope > exact->second.scope) {
        Symbol symbol;
        symbol.kind = Symbol::Kind::reg;
        symbol.lanes = range.lanes;
        symbol.index = register_of(range, in_range->second, name);
        symbol.scope = range.scope;
        return symbol;
      }
    }
  }
  if (exact == names_.end()) return std::nullopt;
  return exact->second;
}

}  // namespace cujitsu::softgpu::ptx
