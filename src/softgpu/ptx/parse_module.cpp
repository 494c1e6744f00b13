// SPDX-License-Identifier: MIT
// A module outside of functions: variables, files and whatever else is at its top.
#include "softgpu/ptx/declaration.hpp"
#include "softgpu/ptx/module_parser.hpp"

#include <limits>
#include <utility>

namespace cujitsu::softgpu::ptx {
namespace {

/// All bodies that aliases take a copy of, in instructions.
constexpr std::size_t most_copied = std::size_t{1} << 20;

/// \" and \\ as what they stand for.
std::string unescape(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '\\' || text[i + 1] == '"')) ++i;
    plain += text[i];
  }
  return plain;
}

}  // namespace

void ModuleParser::parse() {
  version();
  target();
  address_size();
  while (tokens_.now().kind != Token::Kind::end) {
    if (tokens_.now().kind != Token::Kind::dot_word) tokens_.fail();
    directive();
  }
  copy_aliases();
}

void ModuleParser::directive() {
  Variable::Linkage linkage = Variable::Linkage::none;
  while (const std::optional<Variable::Linkage> word = find_linkage(tokens_.now())) {
    linkage = *word;
    tokens_.advance();
  }
  if (tokens_.accept_word(".func")) return function(linkage, false);
  if (tokens_.accept_word(".entry")) return function(linkage, true);
  if (const std::optional<Space> space = find_space(tokens_.now())) {
    if (*space == Space::reg || *space == Space::param) tokens_.fail();
    return variables(linkage);
  }
  if (linkage != Variable::Linkage::none) tokens_.fail();
  const std::string_view word = tokens_.now().text;
  if (word == ".version" || word == ".target") tokens_.fail();
  if (word == ".file") return file();
  if (word == ".alias") return alias();
  tokens_.advance();
  tokens_.skip_directive();
}

/// .file 1 "a.cu", 1700000000, 4711
void ModuleParser::file() {
  tokens_.advance();
  SourceFile file;
  file.index = static_cast<std::uint32_t>(tokens_.number(std::numeric_limits<std::uint32_t>::max()));
  if (tokens_.now().kind != Token::Kind::string) tokens_.fail();
  file.name = unescape(tokens_.now().text);
  tokens_.advance();
  while (tokens_.accept(',')) (void)tokens_.number(std::numeric_limits<std::uint64_t>::max());
  module_.files.push_back(std::move(file));
}

void ModuleParser::variables(Variable::Linkage linkage) {
  const Space space = *find_space(tokens_.now());
  tokens_.advance();
  Variable common = parse_type_and_alignment(tokens_, space);
  common.linkage = linkage;
  const auto known = [this](std::string_view name) { return names_.contains(name); };
  do add_variable(parse_declarator(tokens_, common, known));
  while (tokens_.accept(','));
  tokens_.expect(';');
}

void ModuleParser::add_variable(Variable variable) {
  const auto index = static_cast<std::uint32_t>(module_.variables.size());
  const auto [place, is_new] = names_.try_emplace(variable.name, ModuleSymbol{ModuleSymbol::Kind::variable, index});
  if (is_new) return module_.variables.push_back(std::move(variable));
  const bool declared_before = place->second.kind == ModuleSymbol::Kind::variable &&
                               module_.variables[place->second.index].linkage == Variable::Linkage::external;
  if (declared_before) {
    module_.variables[place->second.index] = std::move(variable);
    return;
  }
  if (place->second.kind == ModuleSymbol::Kind::variable && variable.linkage == Variable::Linkage::external) return;
  TokenStream::error(variable.ptx_line, about("Duplicate definition of variable", variable.name));
}

/// .alias name, function;
void ModuleParser::alias() {
  Alias alias;
  alias.line = tokens_.now().line;
  tokens_.advance();
  const auto function_named = [this] {
    const Token name = tokens_.now();
    const auto found = names_.find(tokens_.identifier());
    if (found == names_.end() || found->second.kind != ModuleSymbol::Kind::function)
      TokenStream::error(name.line, about("Unknown symbol", name.text));
    return found->second.index;
  };
  alias.function = function_named();
  tokens_.expect(',');
  alias.aliasee = function_named();
  tokens_.expect(';');
  aliases_.push_back(alias);
}

void ModuleParser::copy_aliases() {
  std::size_t copied = 0;
  for (const Alias& alias : aliases_) {
    Function& function = module_.functions[alias.function];
    const Function& aliasee = module_.functions[alias.aliasee];
    if (function.is_defined)
      TokenStream::error(alias.line, about("Duplicate definition of function", function.prototype.name));
    if (!aliasee.is_defined)
      TokenStream::error(alias.line, about("Unresolved extern function", aliasee.prototype.name));
    copied += aliasee.instructions.size() + aliasee.registers.size() + aliasee.variables.size();
    if (copied > most_copied) TokenStream::error(alias.line, "Aliases of too many instructions");
    Function copy = aliasee;
    copy.prototype.name = function.prototype.name;
    copy.linkage = function.linkage;
    function = std::move(copy);
  }
}

}  // namespace cujitsu::softgpu::ptx
