// SPDX-License-Identifier: MIT
// Functions and kernels, from their header to the end of the body.
#include "softgpu/ptx/declaration.hpp"
#include "softgpu/ptx/function_parser.hpp"
#include "softgpu/ptx/module_parser.hpp"

#include <limits>
#include <utility>

namespace cujitsu::softgpu::ptx {

void ModuleParser::function(Variable::Linkage linkage, bool is_entry) {
  Function function;
  function.ptx_line = tokens_.now().line;
  function.linkage = linkage;
  function.is_entry = is_entry;
  if (tokens_.accept_word(".attribute")) tokens_.skip_parentheses();
  if (!is_entry && tokens_.now().is('(')) function.prototype.results = parse_parameters(tokens_);
  function.prototype.name = tokens_.identifier();
  if (tokens_.now().is('(')) function.prototype.parameters = parse_parameters(tokens_);
  function_directives(function);
  const std::uint32_t index = declare(function);
  if (tokens_.accept(';')) return;
  if (!tokens_.now().is('{')) tokens_.fail();
  function.is_defined = true;
  if (module_.functions[index].is_defined)
    TokenStream::error(function.ptx_line, about("Duplicate definition of function", function.prototype.name));
  FunctionParser(tokens_, module_, names_, function).parse_body();
  module_.functions[index] = std::move(function);
}

/// Makes the name known before the body, which may name it. Returns its place in Module::functions.
std::uint32_t ModuleParser::declare(const Function& function) {
  const std::string_view name = function.prototype.name;
  const auto index = static_cast<std::uint32_t>(module_.functions.size());
  const auto [place, is_new] = names_.try_emplace(name, ModuleSymbol{ModuleSymbol::Kind::function, index});
  if (is_new) {
    module_.functions.push_back(function);
    return index;
  }
  if (place->second.kind != ModuleSymbol::Kind::function)
    TokenStream::error(function.ptx_line, about("Duplicate definition of variable", name));
  const Prototype& before = module_.functions[place->second.index].prototype;
  if (before.parameters.size() != function.prototype.parameters.size())
    TokenStream::error(function.ptx_line, about("Inconsistent prototypes of", name) + ", number of parameters differ");
  if (before.results.size() != function.prototype.results.size())
    TokenStream::error(function.ptx_line,
                       about("Inconsistent prototypes of", name) + ", number of return values differ");
  return place->second.index;
}

/// .maxntid 256, 1, 1 and the like, in any order, up to the body or the ';'.
void ModuleParser::function_directives(Function& function) {
  constexpr std::uint64_t limit = std::numeric_limits<std::uint32_t>::max();
  while (tokens_.now().kind == Token::Kind::dot_word) {
    const std::string_view word = tokens_.now().text;
    tokens_.advance();
    if (word == ".maxntid") {
      function.max_threads = parse_extents(tokens_);
    } else if (word == ".reqntid") {
      function.required_threads = parse_extents(tokens_);
    } else if (word == ".reqnctapercluster") {
      function.cluster = parse_extents(tokens_);
    } else if (word == ".maxnreg") {
      function.max_registers = static_cast<std::uint32_t>(tokens_.number(limit));
    } else if (word == ".minnctapersm") {
      function.min_blocks = static_cast<std::uint32_t>(tokens_.number(limit));
    } else if (word == ".noreturn") {
      function.prototype.noreturn = true;
    } else if (word == ".attribute") {
      tokens_.skip_parentheses();
    } else if (word == ".pragma") {
      while (!tokens_.accept(';')) {
        if (tokens_.now().kind != Token::Kind::string && !tokens_.now().is(',')) tokens_.fail();
        tokens_.advance();
      }
    } else {  // .explicitcluster, .maxclusterrank 8, and what later versions add
      while (tokens_.now().kind == Token::Kind::integer || tokens_.now().is(',')) tokens_.advance();
    }
  }
}

}  // namespace cujitsu::softgpu::ptx
