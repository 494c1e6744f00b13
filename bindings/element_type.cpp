// SPDX-License-Identifier: MIT
#include "element_type.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace cujitsu::python {
namespace {

using Kind = ElementType::Kind;

// Demangled and hand-written spellings alike.
struct NamedType {
  std::string_view name;
  ElementType type;
};
constexpr std::array named_types{
    NamedType{"float", {Kind::floating, 4}},
    NamedType{"double", {Kind::floating, 8}},
    NamedType{"bool", {Kind::integer, 1}},
    NamedType{"char", {Kind::integer, 1}},
    NamedType{"signed char", {Kind::integer, 1}},
    NamedType{"unsigned char", {Kind::integer, 1}},
    NamedType{"short", {Kind::integer, 2}},
    NamedType{"unsigned short", {Kind::integer, 2}},
    NamedType{"int", {Kind::integer, 4}},
    NamedType{"unsigned", {Kind::integer, 4}},
    NamedType{"unsigned int", {Kind::integer, 4}},
    NamedType{"long", {Kind::integer, 8}},
    NamedType{"unsigned long", {Kind::integer, 8}},
    NamedType{"long long", {Kind::integer, 8}},
    NamedType{"unsigned long long", {Kind::integer, 8}},
};

// The words of `type` but for qualifiers, which do not change what is stored.
std::string without_qualifiers(std::string_view type) {
  std::string result;
  while (!type.empty()) {
    const auto end = type.find(' ');
    const auto word = type.substr(0, end);
    type = end == std::string_view::npos ? std::string_view() : type.substr(end + 1);
    if (word.empty() || word == "const" || word == "volatile") continue;
    if (!result.empty()) result += ' ';
    result += word;
  }
  return result;
}

ElementType element_of_code(char code, std::size_t size) {
  static constexpr std::string_view integers = "?bBhHiIlLqQnN";
  if (integers.find(code) != std::string_view::npos) return {Kind::integer, size};
  if (code == 'e' || code == 'f' || code == 'd') return {Kind::floating, size};
  return {};
}

}  // namespace

std::string ElementType::to_string() const {
  switch (kind) {
    case Kind::integer: return fmt::format("{}-byte integers", size);
    case Kind::floating: return fmt::format("{}-byte floating-point numbers", size);
    case Kind::complex: return fmt::format("{}-byte complex numbers", size);
    case Kind::unknown: break;
  }
  return "elements of unknown type";
}

ElementType element_of_format(std::string_view format, std::size_t item_size) {
  if (!format.empty() && std::string_view("@=<").find(format.front()) != std::string_view::npos)
    format.remove_prefix(1);
  if (format.size() == 2 && format.front() == 'Z') return {Kind::complex, item_size};
  return format.size() == 1 ? element_of_code(format.front(), item_size) : ElementType{};
}

ElementType element_of_typestr(std::string_view typestr) {
  if (typestr.size() < 3) return {};
  std::size_t size = 0;
  const auto* end = typestr.data() + typestr.size();
  const auto parsed = std::from_chars(typestr.data() + 2, end, size);
  if (parsed.ec != std::errc() || parsed.ptr != end) return {};
  switch (typestr[1]) {
    case 'b':
    case 'i':
    case 'u': return {Kind::integer, size};
    case 'f': return {Kind::floating, size};
    case 'c': return {Kind::complex, size};
    default: return {Kind::unknown, size};
  }
}

ElementType pointee_of(std::string_view c_type) {
  const auto star = c_type.find('*');
  if (star == std::string_view::npos || c_type.find('*', star + 1) != std::string_view::npos) return {};
  const std::string name = without_qualifiers(text::trim(c_type.substr(0, star)));
  for (const auto& [known, type] : named_types) {
    if (known == name) return type;
  }
  return {};
}

bool may_point_at(const ElementType& pointee, const ElementType& element) {
  if (pointee.kind == Kind::unknown || element.kind == Kind::unknown) return true;
  return pointee.kind == element.kind && pointee.size == element.size;
}

}  // namespace cujitsu::python
