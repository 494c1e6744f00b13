// SPDX-License-Identifier: MIT
// What fmt declares in its headers and defines elsewhere, compiled once: header-only, it more than doubles the time that
// each file takes to compile, and the size of what comes out. Its packages have libfmt.so, which cujitsu does not want to
// need, but not the source file of it. cmake/Dependencies.cmake says for which versions this is right.
#include <fmt/format-inl.h>

FMT_BEGIN_NAMESPACE
namespace detail {

template FMT_API auto dragonbox::to_decimal(float x) noexcept -> dragonbox::decimal_fp<float>;
template FMT_API auto dragonbox::to_decimal(double x) noexcept -> dragonbox::decimal_fp<double>;
template FMT_API auto thousands_sep_impl(locale_ref) -> thousands_sep_result<char>;
template FMT_API auto decimal_point_impl(locale_ref) -> char;
#if FMT_VERSION >= 110000
template FMT_API void vformat_to(buffer<char>&, string_view, typename vformat_args<>::type, locale_ref);
#endif

}  // namespace detail
FMT_END_NAMESPACE
