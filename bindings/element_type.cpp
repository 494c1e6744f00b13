// SPDX-License-Identifier: MIT
#include "element_type.hpp"

#include <charconv>

namespace cujitsu::python {
namespace {

using Kind = ElementType::Kind;

ElementType element_of_code(char code, std::size_t size) {
  static constexpr std::string_view integers = "?bBhHiIlLqQnN";
  if (integers.find(code) != std::string_view::npos) return element(Kind::integer, size);
  if (code == 'e' || code == 'f' || code == 'd') return element(Kind::floating, size);
  return {};
}

}  // namespace

ElementType element_of_format(std::string_view format, std::size_t item_size) {
  if (!format.empty() && std::string_view("@=<").find(format.front()) != std::string_view::npos)
    format.remove_prefix(1);
  if (format.size() == 2 && format.front() == 'Z') return element(Kind::complex, item_size);
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
    case 'u': return element(Kind::integer, size);
    case 'f': return element(Kind::floating, size);
    case 'c': return element(Kind::complex, size);
    default: return element(Kind::unknown, size);
  }
}

}  // namespace cujitsu::python
