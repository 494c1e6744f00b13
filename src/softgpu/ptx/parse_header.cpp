// SPDX-License-Identifier: MIT
// .version, .target and .address_size.
#include "softgpu/ptx/module_parser.hpp"
#include "softgpu/ptx/parser.hpp"

#include <charconv>
#include <string>
#include <system_error>

namespace cujitsu::softgpu::ptx {
namespace {

constexpr unsigned oldest_target = 10;
constexpr unsigned newest_target = 121;

/// "80" of "sm_80a" and what is behind it; nothing when there is no number.
bool split_number(std::string_view text, unsigned& number, std::string_view& rest) {
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc{}) return false;
  rest = text.substr(static_cast<std::size_t>(result.ptr - text.data()));
  return true;
}

}  // namespace

void ModuleParser::version() {
  if (!tokens_.now().is_word(".version")) tokens_.fail("Missing .version directive at start of file 'ptx input'");
  const std::uint32_t line = tokens_.now().line;
  tokens_.advance();
  const Token number = tokens_.now();
  std::string_view rest;
  if (!split_number(number.text, module_.version_major, rest) || !rest.starts_with('.') ||
      !split_number(rest.substr(1), module_.version_minor, rest) || !rest.empty())
    tokens_.fail();
  tokens_.advance();
  const bool too_new = module_.version_major > newest_version_major ||
                       (module_.version_major == newest_version_major && module_.version_minor > newest_version_minor);
  if (!too_new) return;
  throw ParseError(ParseError::Kind::unsupported_version, line,
                   "Unsupported .version " + std::string(number.text) + "; current version is '" +
                       std::to_string(newest_version_major) + "." + std::to_string(newest_version_minor) + "'");
}

/// .target sm_80, texmode_independent, debug
void ModuleParser::target() {
  if (!tokens_.accept_word(".target")) tokens_.fail("Missing .target directive at start of file 'ptx input'");
  const Token name = tokens_.now();
  module_.target = tokens_.identifier();
  std::string_view suffix;
  const bool is_known = module_.target.starts_with("sm_") &&
                        split_number(module_.target.substr(3), module_.target_number, suffix) &&
                        module_.target_number >= oldest_target && module_.target_number <= newest_target &&
                        (suffix.empty() || suffix == "a" || suffix == "f");
  if (!is_known) throw ParseError(ParseError::Kind::bad_target, name.line, about("Unsupported .target", name.text));
  if (!suffix.empty()) module_.target_suffix = suffix.front();
  while (tokens_.accept(',')) (void)tokens_.identifier();
}

void ModuleParser::address_size() {
  const std::uint32_t line = tokens_.now().line;
  if (!tokens_.accept_word(".address_size")) return;
  const std::uint64_t bits = tokens_.number(64);
  if (bits != 64)
    throw ParseError(ParseError::Kind::bad_target, line, "32-Bit ABI (32-Bit addressing) is not supported");
}

}  // namespace cujitsu::softgpu::ptx
