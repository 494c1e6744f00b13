// SPDX-License-Identifier: MIT
// Instructions: guard, opcode, modifiers, and the operands of calls and branches, which have forms of their own.
#include "softgpu/ptx/function_parser.hpp"

namespace cujitsu::softgpu::ptx {

/// @!%p bra there;
void FunctionParser::guarded() {
  tokens_.expect('@');
  Guard guard;
  guard.negated = tokens_.accept('!');
  const Token name = tokens_.now();
  (void)tokens_.identifier();
  const std::optional<FunctionNames::Symbol> symbol = names_.find(name.text);
  if (!symbol) tokens_.error(name.line, about("Unknown symbol", name.text));
  if (symbol->kind != FunctionNames::Symbol::Kind::reg || function_.registers[symbol->index].type != Type::pred)
    tokens_.error(name.line, "Predicate expression expected");
  guard.reg = symbol->index;
  const Token opcode = tokens_.now();
  (void)tokens_.identifier();
  instruction(opcode, guard);
}

void FunctionParser::instruction(const Token& opcode, std::optional<Guard> guard) {
  Instruction& result = function_.instructions.emplace_back();
  result.opcode = opcode.text;
  result.guard = guard;
  result.location = location_;
  result.location.ptx_line = opcode.line;
  current_ = &result;
  if (opcode.text.front() == '%')
    tokens_.fail(opcode.line, about("Parsing error near", opcode.text) + ": syntax error");
  result.modifiers.reserve(4);
  for (; tokens_.now().kind == Token::Kind::dot_word; tokens_.advance())
    result.modifiers.push_back(tokens_.now().text.substr(1));
  if (opcode.text == "call") {
    call(result);
  } else if (!tokens_.now().is(';')) {
    result.operands.reserve(4);
    do result.operands.push_back(opcode.text == "bra" ? label() : operand());
    while (tokens_.accept(','));
    if (opcode.text == "bra" || opcode.text == "brx")
      with_labels_.push_back(static_cast<std::uint32_t>(function_.instructions.size() - 1));
  }
  tokens_.expect(';');
}

/// call (results), callee, (arguments), prototype;
void FunctionParser::call(Instruction& instruction) {
  Operand empty;
  empty.kind = Operand::Kind::list;
  Operand results = empty;
  if (tokens_.now().is('(')) {
    results = list();
    tokens_.expect(',');
  }
  instruction.operands.push_back(std::move(results));
  const std::uint32_t line = tokens_.now().line;
  instruction.operands.push_back(named());
  const Operand& callee = instruction.operands.back();
  if (callee.kind != Operand::Kind::symbol && callee.kind != Operand::Kind::reg)
    tokens_.error(line, "Arguments mismatch for instruction 'call'");
  const bool more = tokens_.accept(',');
  const bool has_arguments = more && tokens_.now().is('(');
  instruction.operands.push_back(has_arguments ? list() : empty);
  if (has_arguments ? tokens_.accept(',') : more) instruction.operands.push_back(named());
}

Operand FunctionParser::list() {
  Operand result;
  result.kind = Operand::Kind::list;
  tokens_.expect('(');
  if (tokens_.accept(')')) return result;
  do result.elements.push_back(operand());
  while (tokens_.accept(','));
  tokens_.expect(')');
  return result;
}

Operand FunctionParser::branch_target_list(std::string_view name, const FunctionNames::Symbol& symbol,
                                           std::uint32_t line) {
  if (current_->opcode != "brx") tokens_.error(line, about("Arguments mismatch for instruction", current_->opcode));
  Operand result;
  result.kind = Operand::Kind::list;
  result.name = name;
  const std::vector<std::uint32_t>& labels = function_.branch_targets[symbol.index].labels;
  copied_ += labels.size();
  if (copied_ > most_copied) tokens_.fail(line, "Too many branch targets");
  result.elements.reserve(labels.size());
  for (const std::uint32_t use : labels) {
    Operand& element = result.elements.emplace_back();
    element.kind = Operand::Kind::label;
    element.index = use;
  }
  return result;
}

}  // namespace cujitsu::softgpu::ptx
