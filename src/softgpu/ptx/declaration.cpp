// SPDX-License-Identifier: MIT
// Declarations of variables and of parameters.
#include "softgpu/ptx/declaration.hpp"

#include "softgpu/ptx/constant.hpp"
#include "softgpu/ptx/initialiser.hpp"

#include <bit>
#include <limits>

namespace cujitsu::softgpu::ptx {
namespace {

constexpr std::size_t most_dimensions = 16;

/// .u64, and .texref and its like, which are handles.
std::optional<Type> find_type(const Token& token) noexcept {
  if (token.kind != Token::Kind::dot_word) return std::nullopt;
  if (token.text == ".texref" || token.text == ".samplerref" || token.text == ".surfref") return Type::b64;
  return parse_type(token.text.substr(1));
}

unsigned parse_alignment(TokenStream& tokens) {
  const std::uint64_t alignment = tokens.number(std::uint64_t{1} << 20);
  if (!std::has_single_bit(alignment)) tokens.fail("Alignment must be a power of two");
  return static_cast<unsigned>(alignment);
}

/// .ptr .global .align 16: space and alignment are of what the parameter points to.
void parse_pointer(TokenStream& tokens, Variable& variable) {
  variable.is_pointer = true;
  if (find_space(tokens.now())) tokens.advance();
  if (tokens.accept_word(".align")) (void)parse_alignment(tokens);
}

void parse_dimensions(TokenStream& tokens, Variable& variable, std::vector<std::uint64_t>& dimensions) {
  while (tokens.accept('[')) {
    variable.is_array = true;
    if (dimensions.size() == most_dimensions) tokens.fail("Too many dimensions");
    if (tokens.accept(']')) {
      if (!dimensions.empty()) tokens.fail();
      variable.is_unsized = true;
      dimensions.push_back(unsized);
      continue;
    }
    const std::uint64_t extent = parse_integer(tokens);
    if (extent > largest_variable) tokens.fail("Array is too large");
    dimensions.push_back(extent);
    variable.elements *= extent;
    if (variable.elements > largest_variable) tokens.fail("Array is too large");
    tokens.expect(']');
  }
}

}  // namespace

std::optional<Space> find_space(const Token& token) noexcept {
  if (token.kind != Token::Kind::dot_word) return std::nullopt;
  if (token.text == ".reg") return Space::reg;
  if (token.text == ".param") return Space::param;
  if (token.text == ".local") return Space::local;
  if (token.text == ".shared") return Space::shared;
  if (token.text == ".global") return Space::global;
  if (token.text == ".const") return Space::constant;
  return std::nullopt;
}

std::optional<Variable::Linkage> find_linkage(const Token& token) noexcept {
  if (token.kind != Token::Kind::dot_word) return std::nullopt;
  if (token.text == ".extern") return Variable::Linkage::external;
  if (token.text == ".visible") return Variable::Linkage::visible;
  if (token.text == ".weak") return Variable::Linkage::weak;
  if (token.text == ".common") return Variable::Linkage::common;
  return std::nullopt;
}

Variable parse_type_and_alignment(TokenStream& tokens, Space space) {
  Variable variable;
  variable.space = space;
  while (variable.type == Type::none) {
    if (tokens.accept_word(".align")) {
      variable.alignment = parse_alignment(tokens);
    } else if (tokens.accept_word(".attribute")) {
      tokens.skip_parentheses();
    } else if (tokens.accept_word(".v2")) {
      variable.vector = 2;
    } else if (tokens.accept_word(".v4")) {
      variable.vector = 4;
    } else if (tokens.accept_word(".v8")) {
      variable.vector = 8;
    } else if (const std::optional<Type> type = find_type(tokens.now())) {
      variable.type = *type;
      tokens.advance();
    } else {
      tokens.fail();
    }
  }
  if (tokens.accept_word(".ptr")) parse_pointer(tokens, variable);
  if (variable.alignment == 0 && tokens.accept_word(".align")) variable.alignment = parse_alignment(tokens);
  return variable;
}

Variable parse_declarator(TokenStream& tokens, const Variable& common,
                          const std::function<bool(std::string_view)>& is_known) {
  Variable variable = common;
  variable.ptx_line = tokens.now().line;
  variable.name = tokens.identifier();
  std::vector<std::uint64_t> dimensions;
  parse_dimensions(tokens, variable, dimensions);
  if (tokens.accept('=')) parse_initialiser(tokens, variable, dimensions, is_known);
  return variable;
}

std::vector<Variable> parse_parameters(TokenStream& tokens) {
  std::vector<Variable> parameters;
  tokens.expect('(');
  if (tokens.accept(')')) return parameters;
  do {
    const std::optional<Space> space = find_space(tokens.now());
    if (space != Space::param && space != Space::reg) tokens.fail();
    tokens.advance();
    const Variable common = parse_type_and_alignment(tokens, *space);
    parameters.push_back(parse_declarator(tokens, common, [](std::string_view) { return false; }));
    if (!parameters.back().values.empty()) tokens.fail("Initial value is not allowed for parameters");
  } while (tokens.accept(','));
  tokens.expect(')');
  return parameters;
}

Prototype parse_prototype(TokenStream& tokens, std::string_view name) {
  Prototype prototype;
  prototype.name = name;
  if (tokens.now().is('(')) prototype.results = parse_parameters(tokens);
  (void)tokens.identifier();  // _
  if (tokens.now().is('(')) prototype.parameters = parse_parameters(tokens);
  while (tokens.now().kind == Token::Kind::dot_word) {
    if (tokens.now().text == ".noreturn") prototype.noreturn = true;
    tokens.advance();
    while (tokens.now().kind == Token::Kind::integer || tokens.now().is(',')) tokens.advance();
  }
  return prototype;
}

std::array<std::uint32_t, 3> parse_extents(TokenStream& tokens) {
  std::array<std::uint32_t, 3> extents{1, 1, 1};
  std::size_t count = 0;
  do {
    if (count == extents.size()) tokens.fail();
    extents[count++] = static_cast<std::uint32_t>(tokens.number(std::numeric_limits<std::uint32_t>::max()));
  } while (tokens.accept(','));
  return extents;
}

}  // namespace cujitsu::softgpu::ptx
