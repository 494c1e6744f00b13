// SPDX-License-Identifier: MIT
#include "compile/c_type.hpp"

#include "base/text.hpp"

namespace cujitsu::compiler {
namespace {

using text::trim;

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
}

enum class End { first, last };

/// Removes `word` from that end of `type`, where it stands there as a word of its own.
bool drop_word(std::string_view& type, std::string_view word, End end) {
  const auto trimmed = trim(type);
  const bool at_start = end == End::first;
  if (at_start ? !trimmed.starts_with(word) : !trimmed.ends_with(word)) return false;
  const auto rest = at_start ? trimmed.substr(word.size()) : trimmed.substr(0, trimmed.size() - word.size());
  if (rest.empty() || is_word_character(at_start ? rest.front() : rest.back())) return false;
  type = trim(rest);
  return true;
}

struct Qualifiers {
  bool is_const = false;
  bool is_volatile = false;
};

Qualifiers drop_qualifiers(std::string_view& type, End end) {
  Qualifiers result;
  for (bool again = true; again;) {
    again = false;
    if (drop_word(type, "const", end)) again = result.is_const = true;
    if (drop_word(type, "volatile", end)) again = result.is_volatile = true;
    if (drop_word(type, "__restrict__", end) || drop_word(type, "__restrict", end)) again = true;
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
    const auto qualifiers = drop_qualifiers(rest, End::last);
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
  const auto leading = drop_qualifiers(rest, End::first);
  std::string result;
  if (base.is_const || leading.is_const) result += "const ";
  if (base.is_volatile || leading.is_volatile) result += "volatile ";
  result += rest;
  return result + declarator;
}

bool is_pointer(std::string_view c_type) noexcept {
  c_type = trim(c_type);
  drop_qualifiers(c_type, End::last);
  return c_type.ends_with('*') || c_type.ends_with('&') || c_type.find("(*)") != std::string_view::npos ||
         c_type.find("(&)") != std::string_view::npos;
}

Pointee pointee_of(std::string_view c_type) {
  if (!is_plain(c_type)) return {};
  std::string_view rest = trim(c_type);
  drop_qualifiers(rest, End::last);
  if (!rest.ends_with('*') && !rest.ends_with('&')) return {};
  while (rest.ends_with('*') || rest.ends_with('&')) {
    const bool is_reference = rest.back() == '&';
    rest = trim(rest.substr(0, rest.size() - 1));
    if (!is_reference || !rest.ends_with('&')) break;  // the second half of "&&"
  }
  auto qualifiers = drop_qualifiers(rest, End::last);
  if (!rest.ends_with('*') && !rest.ends_with('&'))
    qualifiers.is_const = drop_qualifiers(rest, End::first).is_const || qualifiers.is_const;
  return {std::string(rest), qualifiers.is_const};
}

}  // namespace cujitsu::compiler
