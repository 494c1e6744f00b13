// SPDX-License-Identifier: MIT
// Operands of instructions.
#include "softgpu/ptx/constant.hpp"
#include "softgpu/ptx/function_parser.hpp"
#include "softgpu/ptx/special.hpp"

namespace cujitsu::softgpu::ptx {
namespace {

constexpr unsigned deepest = 8;

/// Lane of .x .y .z .w and .r .g .b .a; nothing for another word.
std::optional<unsigned> find_lane(std::string_view dot_word) noexcept {
  if (dot_word.size() != 2) return std::nullopt;
  for (const std::string_view lanes : {std::string_view("xyzw"), std::string_view("rgba")})
    if (const std::size_t lane = lanes.find(dot_word[1]); lane != std::string_view::npos)
      return static_cast<unsigned>(lane);
  return std::nullopt;
}

/// .b0 … .b3, .h0, .h1, .b3210 and the like: which bytes a video instruction takes.
bool is_selector(std::string_view dot_word) noexcept {
  if (dot_word.size() < 3 || dot_word.size() > 6 || (dot_word[1] != 'b' && dot_word[1] != 'h')) return false;
  return dot_word.find_first_not_of("01234567", 2) == std::string_view::npos;
}

Operand of(Operand::Kind kind) {
  Operand operand;
  operand.kind = kind;
  return operand;
}

}  // namespace

Operand FunctionParser::operand(unsigned depth) {
  Operand first = single(depth);
  if (tokens_.accept('|')) first.second.push_back(single(depth));
  return first;
}

Operand FunctionParser::single(unsigned depth) {
  const Token& token = tokens_.now();
  if (token.kind == Token::Kind::identifier) return named();
  if (token.kind != Token::Kind::punctuation) return constant();
  if (token.is('{')) return vector(depth);
  if (token.is('[')) return address(depth);
  if (token.is('!') && tokens_.peek().kind == Token::Kind::identifier) {
    tokens_.advance();
    Operand negated = named();
    if (negated.kind != Operand::Kind::reg) tokens_.error(tokens_.now().line, "Predicate expression expected");
    negated.negated = true;
    return negated;
  }
  return constant();
}

Operand FunctionParser::constant() {
  const Constant value = parse_constant(tokens_);
  Operand result;
  switch (value.kind) {
    case Constant::Kind::integer: result.kind = Operand::Kind::integer; break;
    case Constant::Kind::float32: result.kind = Operand::Kind::float32; break;
    case Constant::Kind::float64: result.kind = Operand::Kind::float64; break;
  }
  result.bits = value.bits;
  return result;
}

bool FunctionParser::is_known(std::string_view name) const { return module_names_.contains(name); }

Operand FunctionParser::named() {
  const Token token = tokens_.now();
  if (token.kind != Token::Kind::identifier) tokens_.fail();
  if (token.text == "_") {
    tokens_.advance();
    return of(Operand::Kind::sink);
  }
  if (token.text == "WARP_SZ") return constant();
  tokens_.advance();
  const std::optional<FunctionNames::Symbol> symbol = names_.find(token.text);
  if (symbol && symbol->kind == FunctionNames::Symbol::Kind::reg) return register_operand(*symbol);
  if (!symbol && token.text.front() == '%') return special(token);
  if (symbol && symbol->kind == FunctionNames::Symbol::Kind::targets)
    return branch_target_list(token.text, *symbol, token.line);
  if (symbol && symbol->kind == FunctionNames::Symbol::Kind::prototype) {
    Operand result = of(Operand::Kind::prototype);
    result.index = symbol->index;
    result.name = token.text;
    return result;
  }
  if (!symbol && !is_known(token.text)) tokens_.error(token.line, about("Unknown symbol", token.text));
  Operand result = of(Operand::Kind::symbol);
  result.name = token.text;
  if (symbol && symbol->kind == FunctionNames::Symbol::Kind::variable) result.index = symbol->index + 1;
  if (tokens_.now().is('[')) result.offset = subscript(symbol, token.text);
  const auto first = static_cast<std::uint64_t>(result.offset);
  result.offset = static_cast<std::int64_t>(first + static_cast<std::uint64_t>(offset()));
  return result;
}

/// x[2]: the offset of that element.
std::int64_t FunctionParser::subscript(const std::optional<FunctionNames::Symbol>& symbol, std::string_view name) {
  const Variable* array = nullptr;
  if (!symbol) {
    const ModuleSymbol& found = module_names_.at(name);
    if (found.kind == ModuleSymbol::Kind::variable) array = &module_.variables[found.index];
  } else if (symbol->kind == FunctionNames::Symbol::Kind::variable) {
    array = &function_.variables[symbol->index];
  }
  if (array == nullptr || !array->is_array) tokens_.fail();
  tokens_.expect('[');
  const std::uint64_t index = parse_integer(tokens_);
  tokens_.expect(']');
  return static_cast<std::int64_t>(index * (std::uint64_t{bits_of(array->type)} / 8 * array->vector));
}

/// + 4 - 2 behind a name.
std::int64_t FunctionParser::offset() {
  std::uint64_t sum = 0;
  while (tokens_.now().is('+') || tokens_.now().is('-')) {
    const bool minus = tokens_.now().is('-');
    tokens_.advance();
    const Constant constant = parse_term(tokens_);
    if (constant.kind != Constant::Kind::integer) tokens_.fail("Constant expression: integer expected");
    sum = minus ? sum - constant.bits : sum + constant.bits;
  }
  return static_cast<std::int64_t>(sum);
}

Operand FunctionParser::special(const Token& name) {
  const std::optional<SpecialRegister> found = find_special(name.text);
  if (!found) tokens_.error(name.line, about("Unknown symbol", name.text));
  Operand result = of(Operand::Kind::special);
  result.name = name.text;
  result.special = found->special;
  result.component = found->component;
  if (!found->has_components) return result;
  const Token word = tokens_.now();
  if (word.kind != Token::Kind::dot_word)
    tokens_.error(name.line, about("Arguments mismatch for instruction", current_->opcode));
  const std::optional<std::uint8_t> component = find_component(word.text);
  if (!component) tokens_.error(word.line, about("Unknown field", word.text));
  result.component = *component;
  tokens_.advance();
  return result;
}

Operand FunctionParser::register_operand(const FunctionNames::Symbol& symbol) {
  Operand result = of(Operand::Kind::reg);
  result.index = symbol.index;
  const Token word = tokens_.now();
  if (word.kind == Token::Kind::dot_word) {
    if (symbol.lanes > 1) {
      const std::optional<unsigned> lane = find_lane(word.text);
      if (!lane || *lane >= symbol.lanes) tokens_.error(word.line, about("Unknown field", word.text));
      result.index += *lane;
    } else if (is_selector(word.text)) {
      result.name = word.text.substr(1);
      current_->modifiers.push_back(result.name);
    } else {
      tokens_.error(word.line, about("Unknown field", word.text));
    }
    tokens_.advance();
    return result;
  }
  if (symbol.lanes == 1) return result;
  Operand whole = of(Operand::Kind::vector);
  for (std::uint32_t lane = 0; lane < symbol.lanes; ++lane) {
    Operand element = of(Operand::Kind::reg);
    element.index = symbol.index + lane;
    whole.elements.push_back(element);
  }
  return whole;
}

Operand FunctionParser::vector(unsigned depth) {
  if (depth > deepest) tokens_.fail();
  Operand result = of(Operand::Kind::vector);
  tokens_.expect('{');
  do result.elements.push_back(operand(depth + 1));
  while (tokens_.accept(','));
  tokens_.expect('}');
  return result;
}

Operand FunctionParser::address(unsigned depth) {
  if (depth > deepest) tokens_.fail();
  Operand result = of(Operand::Kind::address);
  const std::uint32_t line = tokens_.now().line;
  tokens_.expect('[');
  if (tokens_.now().kind == Token::Kind::identifier && tokens_.now().text != "WARP_SZ") {
    const Operand base = named();
    if (base.kind == Operand::Kind::reg) {
      result.base = Operand::Base::reg;
      result.offset = offset();
    } else if (base.kind == Operand::Kind::symbol) {
      result.base = Operand::Base::symbol;
      result.name = base.name;
      result.offset = base.offset;
    } else {
      tokens_.error(line, about("Arguments mismatch for instruction", current_->opcode));
    }
    result.index = base.index;
  } else {
    result.offset = static_cast<std::int64_t>(parse_integer(tokens_));
  }
  while (tokens_.accept(',')) result.elements.push_back(operand(depth + 1));
  tokens_.expect(']');
  return result;
}

Operand FunctionParser::label() {
  Operand result = of(Operand::Kind::label);
  const Token token = tokens_.now();
  result.name = tokens_.identifier();
  result.index = names_.use_label(token.text, token.line);
  return result;
}

}  // namespace cujitsu::softgpu::ptx
