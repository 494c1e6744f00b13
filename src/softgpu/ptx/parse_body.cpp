// SPDX-License-Identifier: MIT
// A function's body: its statements but for the inside of instructions.
#include "softgpu/ptx/constant.hpp"
#include "softgpu/ptx/declaration.hpp"
#include "softgpu/ptx/function_parser.hpp"

#include <limits>

namespace cujitsu::softgpu::ptx {
namespace {

using Kind = FunctionNames::Symbol::Kind;

constexpr std::size_t deepest = 256;
constexpr std::uint64_t most_registers = std::uint64_t{1} << 23;  // of one declaration

[[noreturn]] void duplicate(std::string_view what, std::string_view name, std::uint32_t line) {
  TokenStream::error(line, about("Duplicate definition of " + std::string(what), name));
}

}  // namespace

FunctionParser::FunctionParser(TokenStream& tokens, const Module& module, const ModuleNames& names, Function& function)
    : tokens_(tokens), module_(module), module_names_(names), function_(function), names_(function) {
  for (const auto* const variables : {&function.prototype.results, &function.prototype.parameters}) {
    for (const Variable& one : *variables) {
      const bool is_new = one.space == Space::reg ? names_.add_register(one.name, one.type, one.vector)
                                                  : names_.add(one.name, Kind::parameter, 0);
      if (!is_new) duplicate("variable", one.name, one.ptx_line);
    }
  }
}

void FunctionParser::parse_body() {
  tokens_.expect('{');
  while (names_.depth() > 0) {
    if (tokens_.now().is('{')) {
      if (names_.depth() > deepest) tokens_.fail("Blocks are nested too deeply");
      names_.open();
      tokens_.advance();
    } else if (tokens_.now().is('}')) {
      names_.close();
      tokens_.advance();
    } else {
      statement();
    }
  }
  resolve_labels();
}

void FunctionParser::statement() {
  switch (tokens_.now().kind) {
    case Token::Kind::identifier: return label_or_instruction();
    case Token::Kind::dot_word: return directive();
    default: break;
  }
  if (!tokens_.now().is('@')) tokens_.fail();
  guarded();
}

void FunctionParser::label_or_instruction() {
  const Token name = tokens_.now();
  tokens_.advance();
  if (tokens_.accept(':')) return labelled(name.text, name.line);
  instruction(name, std::nullopt);
}

void FunctionParser::directive() {
  const std::string_view word = tokens_.now().text;
  if (word == ".loc") return location();
  if (const std::optional<Space> space = find_space(tokens_.now())) {
    tokens_.advance();
    return *space == Space::reg ? registers() : variables(*space);
  }
  if (find_linkage(tokens_.now())) {
    tokens_.advance();
    const std::optional<Space> space = find_space(tokens_.now());
    if (!space || *space == Space::reg) tokens_.fail();
    tokens_.advance();
    return variables(*space);
  }
  tokens_.advance();
  tokens_.skip_directive();
}

void FunctionParser::registers() {
  const Variable common = parse_type_and_alignment(tokens_, Space::reg);
  do {
    const Token name = tokens_.now();
    (void)tokens_.identifier();
    bool is_new = false;
    if (tokens_.accept('<')) {
      const std::uint32_t line = tokens_.now().line;
      const std::uint64_t count = parse_term(tokens_).bits;
      if (count > most_registers) tokens_.fail(line, "Too many registers");
      tokens_.expect('>');
      is_new = names_.add_registers(name.text, static_cast<std::uint32_t>(count), common.type, common.vector);
    } else {
      is_new = names_.add_register(name.text, common.type, common.vector);
    }
    if (!is_new) duplicate("variable", name.text, name.line);
  } while (tokens_.accept(','));
  tokens_.expect(';');
}

void FunctionParser::variables(Space space) {
  const Variable common = parse_type_and_alignment(tokens_, space);
  const auto known = [this](std::string_view name) {
    const std::optional<FunctionNames::Symbol> symbol = names_.find(name);
    return symbol ? symbol->kind == Kind::variable : is_known(name);
  };
  do {
    Variable variable = parse_declarator(tokens_, common, known);
    const auto index = static_cast<std::uint32_t>(function_.variables.size());
    if (!names_.add(variable.name, Kind::variable, index)) duplicate("variable", variable.name, variable.ptx_line);
    function_.variables.push_back(std::move(variable));
  } while (tokens_.accept(','));
  tokens_.expect(';');
}

void FunctionParser::labelled(std::string_view name, std::uint32_t line) {
  if (name.front() == '%' || name == "_") tokens_.fail(line, "Parsing error near ':': syntax error");
  if (tokens_.accept_word(".callprototype")) {
    add_prototype(parse_prototype(tokens_, name), line);
    return tokens_.expect(';');
  }
  if (tokens_.accept_word(".calltargets")) return call_targets(name, line);
  if (tokens_.accept_word(".branchtargets")) return branch_targets(name, line);
  add_label(name, line);
}

void FunctionParser::add_prototype(Prototype prototype, std::uint32_t line) {
  const auto index = static_cast<std::uint32_t>(function_.prototypes.size());
  if (!names_.add(prototype.name, Kind::prototype, index)) duplicate("label", prototype.name, line);
  function_.prototypes.push_back(std::move(prototype));
}

/// The functions that an indirect call may reach all have the same prototype, which is all that is needed of them.
void FunctionParser::call_targets(std::string_view name, std::uint32_t line) {
  std::optional<Prototype> common;
  do {
    const Token target = tokens_.now();
    const auto found = module_names_.find(tokens_.identifier());
    if (found == module_names_.end() || found->second.kind != ModuleSymbol::Kind::function)
      tokens_.error(target.line, about("Unknown symbol", target.text));
    if (common) continue;
    common = module_.functions[found->second.index].prototype;
  } while (tokens_.accept(','));
  tokens_.expect(';');
  common->name = name;
  copied_ += common->parameters.size() + common->results.size();
  if (copied_ > most_copied) TokenStream::fail(line, "Too many call targets");
  add_prototype(std::move(*common), line);
}

void FunctionParser::branch_targets(std::string_view name, std::uint32_t line) {
  BranchTargets targets;
  targets.name = name;
  do targets.labels.push_back(label().index);
  while (tokens_.accept(','));
  tokens_.expect(';');
  const auto index = static_cast<std::uint32_t>(function_.branch_targets.size());
  if (!names_.add(name, Kind::targets, index)) duplicate("label", name, line);
  function_.branch_targets.push_back(std::move(targets));
}

void FunctionParser::add_label(std::string_view name, std::uint32_t line) {
  if (!names_.add_label(name)) duplicate("label", name, line);
}

/// .loc 1 12 3, function_name $L__info_string0, inlined_at 1 40 7
void FunctionParser::location() {
  tokens_.advance();
  constexpr std::uint64_t limit = std::numeric_limits<std::uint32_t>::max();
  location_.file = static_cast<std::uint32_t>(tokens_.number(limit));
  location_.line = static_cast<std::uint32_t>(tokens_.number(limit));
  if (tokens_.now().kind == Token::Kind::integer) tokens_.advance();
  while (tokens_.accept(',')) {
    const std::string_view word = tokens_.identifier();
    if (word == "function_name") {
      (void)tokens_.identifier();
      (void)offset();
    } else if (word == "inlined_at") {
      for (int i = 0; i < 3; ++i) (void)tokens_.number(limit);
    } else {
      tokens_.fail();
    }
  }
}

/// Label operands held the number of their use, because a label may come after it.
void FunctionParser::resolve_labels() {
  if (names_.missing()) tokens_.error(names_.missing()->line, about("Unknown symbol", names_.missing()->name));
  for (const std::uint32_t index : with_labels_) {
    for (Operand& operand : function_.instructions[index].operands) {
      if (operand.kind == Operand::Kind::label) operand.index = names_.label_of(operand.index);
      if (operand.kind == Operand::Kind::list)
        for (Operand& element : operand.elements) element.index = names_.label_of(element.index);
    }
  }
  for (BranchTargets& targets : function_.branch_targets)
    for (std::uint32_t& label : targets.labels) label = names_.label_of(label);
}

}  // namespace cujitsu::softgpu::ptx
