// SPDX-License-Identifier: MIT
#include "compile/element_types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cujitsu::compiler {
namespace {

using Kind = ElementType::Kind;
using Sign = ElementType::Sign;

struct NamedType {
  std::string_view name;
  ElementType type;
};

// As the demangler spells them; aliases such as size_t and half are gone by then, but a user may write them.
constexpr std::array scalars{
    NamedType{"bool", {Kind::integer, Sign::boolean, 1, false, 1}},
    NamedType{"char", {Kind::integer, Sign::either, 1, false, 1}},
    NamedType{"signed char", {Kind::integer, Sign::with_sign, 1, false, 1}},
    NamedType{"unsigned char", {Kind::integer, Sign::without_sign, 1, false, 1}},
    NamedType{"char8_t", {Kind::integer, Sign::without_sign, 1, false, 1}},
    NamedType{"char16_t", {Kind::integer, Sign::without_sign, 1, false, 2}},
    NamedType{"char32_t", {Kind::integer, Sign::without_sign, 1, false, 4}},
    NamedType{"wchar_t", {Kind::integer, Sign::with_sign, 1, false, 4}},
    NamedType{"short", {Kind::integer, Sign::with_sign, 1, false, 2}},
    NamedType{"unsigned short", {Kind::integer, Sign::without_sign, 1, false, 2}},
    NamedType{"int", {Kind::integer, Sign::with_sign, 1, false, 4}},
    NamedType{"unsigned int", {Kind::integer, Sign::without_sign, 1, false, 4}},
    NamedType{"long", {Kind::integer, Sign::with_sign, 1, false, 8}},
    NamedType{"unsigned long", {Kind::integer, Sign::without_sign, 1, false, 8}},
    NamedType{"long long", {Kind::integer, Sign::with_sign, 1, false, 8}},
    NamedType{"unsigned long long", {Kind::integer, Sign::without_sign, 1, false, 8}},
    NamedType{"__int128", {Kind::integer, Sign::with_sign, 1, false, 16}},
    NamedType{"unsigned __int128", {Kind::integer, Sign::without_sign, 1, false, 16}},
    NamedType{"float", {Kind::floating, Sign::either, 1, false, 4}},
    NamedType{"double", {Kind::floating, Sign::either, 1, false, 8}},
    NamedType{"__half", {Kind::floating, Sign::either, 1, false, 2}},
    NamedType{"__half2", {Kind::floating, Sign::either, 2, true, 4}},
    NamedType{"__nv_bfloat16", {Kind::bfloat, Sign::either, 1, false, 2}},
    NamedType{"__nv_bfloat162", {Kind::bfloat, Sign::either, 2, true, 4}},
    NamedType{"dim3", {Kind::integer, Sign::without_sign, 3, true, 12}},
};

// The stems of vector_types.h: "uchar" + "4". From CUDA 13 on "double4_16a" and "double4_32a" too.
constexpr std::array stems{
    NamedType{"char", {Kind::integer, Sign::with_sign, 1, false, 1}},
    NamedType{"uchar", {Kind::integer, Sign::without_sign, 1, false, 1}},
    NamedType{"short", {Kind::integer, Sign::with_sign, 1, false, 2}},
    NamedType{"ushort", {Kind::integer, Sign::without_sign, 1, false, 2}},
    NamedType{"int", {Kind::integer, Sign::with_sign, 1, false, 4}},
    NamedType{"uint", {Kind::integer, Sign::without_sign, 1, false, 4}},
    NamedType{"long", {Kind::integer, Sign::with_sign, 1, false, 8}},
    NamedType{"ulong", {Kind::integer, Sign::without_sign, 1, false, 8}},
    NamedType{"longlong", {Kind::integer, Sign::with_sign, 1, false, 8}},
    NamedType{"ulonglong", {Kind::integer, Sign::without_sign, 1, false, 8}},
    NamedType{"float", {Kind::floating, Sign::either, 1, false, 4}},
    NamedType{"double", {Kind::floating, Sign::either, 1, false, 8}},
};

template <std::size_t Count>
ElementType find(const std::array<NamedType, Count>& types, std::string_view name) {
  const auto it = std::ranges::find(types, name, &NamedType::name);
  return it == types.end() ? ElementType{} : it->type;
}

ElementType vector_named(std::string_view name) {
  for (const std::string_view alignment : {"_16a", "_32a"})
    if (name.ends_with(alignment)) name.remove_suffix(alignment.size());
  if (name.empty() || name.back() < '1' || name.back() > '4') return {};
  auto type = find(stems, name.substr(0, name.size() - 1));
  type.lanes = static_cast<std::uint8_t>(name.back() - '0');
  type.is_vector = true;
  type.size *= type.lanes;
  return type;
}

/// cuda::std::complex, thrust::complex and the like, whatever inline namespace they are in.
ElementType complex_named(std::string_view name) {
  for (const auto& [suffix, size] : {std::pair<std::string_view, std::uint32_t>{"complex<float>", 8},
                                     std::pair<std::string_view, std::uint32_t>{"complex<double>", 16}}) {
    if (!name.ends_with(suffix)) continue;
    const auto scope = name.substr(0, name.size() - suffix.size());
    if (scope.empty() || scope.ends_with("::")) return {Kind::complex, Sign::either, 1, false, size};
  }
  return {};
}

bool is_byte(std::string_view type) {
  return type == "void" || type == "char" || type == "signed char" || type == "unsigned char" || type == "std::byte" ||
         type.ends_with("::byte");
}

}  // namespace

ElementType element_named(std::string_view c_type) {
  if (const auto type = find(scalars, c_type); type.kind != Kind::unknown) return type;
  if (const auto type = vector_named(c_type); type.kind != Kind::unknown) return type;
  return complex_named(c_type);
}

ElementType pointee_element(const ParameterType& parameter) {
  if (is_byte(parameter.pointee)) return {Kind::any, Sign::either, 1, false, 0};
  return element_named(parameter.pointee);
}

ElementType value_element(const ParameterType& parameter) {
  const auto size = static_cast<std::uint32_t>(parameter.size);
  const auto named = element_named(parameter.c_type);
  if (named.kind != Kind::unknown && named.size == size) return named;
  switch (parameter.kind) {
    case ParameterKind::integer: return {Kind::integer, Sign::either, 1, false, size};
    case ParameterKind::floating: return {Kind::floating, Sign::either, 1, false, size};
    case ParameterKind::pointer:
    case ParameterKind::aggregate:
    case ParameterKind::unknown: break;
  }
  return {};
}

bool takes_pointer(const ParameterType& parameter) {
  if (parameter.kind == ParameterKind::pointer) return true;
  const bool may_be_address = parameter.kind == ParameterKind::integer || parameter.kind == ParameterKind::unknown;
  // "Traits<T>::type" is written in a template's name as it is; any other name that is not known is an enumeration's.
  const bool is_open = parameter.c_type.empty() || parameter.c_type.find('<') != std::string::npos;
  return may_be_address && parameter.size == 8 && is_open && element_named(parameter.c_type).kind == Kind::unknown;
}

std::string to_string(const ElementType& element) {
  const auto size = element.lane_size();
  std::string text;
  switch (element.kind) {
    case Kind::unknown: return "elements of unknown type";
    case Kind::any: return "bytes";
    case Kind::integer: text = fmt::format("{}-byte integers", size); break;
    case Kind::floating: text = fmt::format("{}-byte floating-point numbers", size); break;
    case Kind::bfloat: text = "bfloat16"; break;
    case Kind::complex: text = fmt::format("{}-byte complex numbers", element.size); break;
  }
  return element.lanes == 1 ? text : fmt::format("vectors of {} {}", element.lanes, text);
}

}  // namespace cujitsu::compiler
