// SPDX-License-Identifier: MIT
// What stands behind a variable's '='.
#pragma once

#include "softgpu/ptx/ast.hpp"
#include "softgpu/ptx/token_stream.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <string_view>
#include <vector>

namespace cujitsu::softgpu::ptx {

/// The first extent of x[].
inline constexpr std::uint64_t unsized = std::numeric_limits<std::uint64_t>::max();

/// In elements.
inline constexpr std::uint64_t largest_variable = std::uint64_t{1} << 46;

/// Fills in Variable::values, and `elements` of a variable without a size. `is_known`: whether a symbol may be named.
void parse_initialiser(TokenStream& tokens, Variable& variable, const std::vector<std::uint64_t>& dimensions,
                       const std::function<bool(std::string_view)>& is_known);

}  // namespace cujitsu::softgpu::ptx
