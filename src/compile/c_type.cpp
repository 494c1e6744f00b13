// SPDX-License-Identifier: MIT
#include "compile/c_type.hpp"

#include "base/text.hpp"

namespace cujitsu::compiler {
namespace {

using text::trim;

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
}

/// Removes `word` from the end of `type`, where it stands there as a word of its own.
bool drop_last_word(std::string_view& type, std::string_view word) {
  const auto trimmed = trim(type);
  if (!trimmed.ends_with(word)) return false;
  const auto rest = trimmed.substr(0, trimmed.size() - word.size());
  if (rest.empty() || is_word_character(rest.back())) return false;
  type = trim(rest);
  return true;
}

bool drop_first_word(std::string_view& type, std::string_view word) {
  const auto trimmed = trim(type);
  if (!trimmed.starts_with(word)) return false;
  const auto rest = trimmed.substr(word.size());
  if (rest.empty() || is_word_character(rest.front())) return false;
  type = trim(rest);
  return true;
}

struct Qualifiers {
  bool is_const = false;
  bool is_volatile = false;
};

Qualifiers drop_trailing_qualifiers(std::string_view& type) {
  Qualifiers result;
  for (bool again = true; again;) {
    again = false;
    if (drop_last_word(type, "const")) again = result.is_const = true;
    if (drop_last_word(type, "volatile")) again = result.is_volatile = true;
    if (drop_last_word(type, "__restrict__") || drop_last_word(type, "__restrict")) again = true;
  }
  return result;
}

Qualifiers drop_leading_qualifiers(std::string_view& type) {
  Qualifiers result;
  for (bool again = true; again;) {
    again = false;
    if (drop_first_word(type, "const")) again = result.is_const = true;
    if (drop_first_word(type, "volatile")) again = result.is_volatile = true;
  }
  return result;
}

/// Functions, arrays and pointers to members are written around their name.
bool is_plain(std::string_view type) {
  int angle = 0;
  for (const char c : type) {
    if (c == '<') ++angle;
    if (c == '>') --angle;
    if (angle == 0 && (c == '(' || c == '[')) return false;
  }
  return !type.ends_with("::*");
}

}  // namespace

std::string c_style(std::string_view demangled) {
  if (!is_plain(demangled)) return std::string(trim(demangled));
  std::string_view rest = trim(demangled);
  std::string declarator;
  Qualifiers base;
  for (;;) {
    const auto qualifiers = drop_trailing_qualifiers(rest);
    if (rest.empty() || (rest.back() != '*' && rest.back() != '&')) {
      base = qualifiers;
      break;
    }
    std::string level(1, rest.back());
    if (qualifiers.is_const) level += " const";
    if (qualifiers.is_volatile) level += " volatile";
    declarator.insert(0, level);
    rest = trim(rest.substr(0, rest.size() - 1));
  }
  const auto leading = drop_leading_qualifiers(rest);
  std::string result;
  if (base.is_const || leading.is_const) result += "const ";
  if (base.is_volatile || leading.is_volatile) result += "volatile ";
  result += rest;
  return result + declarator;
}

bool is_pointer(std::string_view c_type) noexcept {
  c_type = trim(c_type);
  drop_trailing_qualifiers(c_type);
  return c_type.ends_with('*') || c_type.ends_with('&') || c_type.find("(*)") != std::string_view::npos ||
         c_type.find("(&)") != std::string_view::npos;
}

Pointee pointee_of(std::string_view c_type) {
  if (!is_plain(c_type)) return {};
  std::string_view rest = trim(c_type);
  drop_trailing_qualifiers(rest);
  if (!rest.ends_with('*') && !rest.ends_with('&')) return {};
  while (rest.ends_with('*') || rest.ends_with('&')) {
    const bool is_reference = rest.back() == '&';
    rest = trim(rest.substr(0, rest.size() - 1));
    if (!is_reference || !rest.ends_with('&')) break;  // the second half of "&&"
  }
  auto qualifiers = drop_trailing_qualifiers(rest);
  if (!rest.ends_with('*') && !rest.ends_with('&'))
    qualifiers.is_const = drop_leading_qualifiers(rest).is_const || qualifiers.is_const;
  return {std::string(rest), qualifiers.is_const};
}

}  // namespace cujitsu::compiler
