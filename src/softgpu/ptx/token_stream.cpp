// SPDX-License-Identifier: MIT
// The tokens as the grammar's functions want them.
#include "softgpu/ptx/token_stream.hpp"

#include "softgpu/ptx/parser.hpp"

namespace cujitsu::softgpu::ptx {

std::string about(std::string_view what, std::string_view name) {
  constexpr std::size_t longest = 200;  // names in messages only
  std::string text(what);
  text += " '";
  text += name.substr(0, longest);
  text += name.size() > longest ? "…'" : "'";
  return text;
}

void TokenStream::fail(std::uint32_t line, const std::string& message) {
  throw ParseError(ParseError::Kind::syntax, line, message);
}

void TokenStream::error(std::uint32_t line, const std::string& message) {
  throw ParseError(ParseError::Kind::syntax, line, message, false);
}

void TokenStream::fail() const {
  std::string near(now_.text);
  if (now_.kind == Token::Kind::string) near = '"' + near + '"';
  fail(about("Parsing error near", near) + ": syntax error");
}

std::string_view TokenStream::identifier() {
  if (now_.kind != Token::Kind::identifier) fail();
  const std::string_view name = now_.text;
  advance();
  return name;
}

std::uint64_t TokenStream::number(std::uint64_t limit) {
  if (now_.kind != Token::Kind::integer) fail();
  if (now_.overflows || now_.value > limit) fail("Constant overflow");
  const std::uint64_t value = now_.value;
  advance();
  return value;
}

void TokenStream::skip_block() {
  if (!now_.is('{')) fail();
  lexer_.skip_block();
  advance();
}

void TokenStream::skip_parentheses() {
  expect('(');
  for (std::uint64_t depth = 1; depth > 0; advance()) {
    if (now_.kind == Token::Kind::end) fail();
    if (now_.is('(')) ++depth;
    if (now_.is(')')) --depth;
  }
}

void TokenStream::skip_directive() {
  while (now_.kind != Token::Kind::end) {
    if (now_.is('{')) return skip_block();
    if (now_.is('}')) return;
    if (accept(';')) return;
    const bool begins_statement =
        now_.kind == Token::Kind::dot_word || now_.kind == Token::Kind::identifier || now_.is('@');
    if (now_.first_on_line && begins_statement) return;
    advance();
  }
}

}  // namespace cujitsu::softgpu::ptx
