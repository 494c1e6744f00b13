// SPDX-License-Identifier: MIT
// Declarations of variables, with their initialisers, and of parameters.
#pragma once

#include "softgpu/ptx/ast.hpp"
#include "softgpu/ptx/token_stream.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace cujitsu::softgpu::ptx {

/// ".shared" -> Space::shared, for the spaces that a declaration can begin with.
[[nodiscard]] std::optional<Space> find_space(const Token& token) noexcept;
/// ".visible" -> Linkage::visible
[[nodiscard]] std::optional<Variable::Linkage> find_linkage(const Token& token) noexcept;

/// What all names of one declaration have in common: from behind the space to the type.
[[nodiscard]] Variable parse_type_and_alignment(TokenStream& tokens, Space space);
/// One name of a declaration with its dimensions and initialiser; `is_known` says whether a symbol may be named in it.
[[nodiscard]] Variable parse_declarator(TokenStream& tokens, const Variable& common,
                                        const std::function<bool(std::string_view)>& is_known);
/// ( .param .b32 a, .reg .u32 b ): parameters or results.
[[nodiscard]] std::vector<Variable> parse_parameters(TokenStream& tokens);
/// Of a .callprototype, from behind that word to before its ';'.
[[nodiscard]] Prototype parse_prototype(TokenStream& tokens, std::string_view name);
/// 32, 4, 2 of a directive such as .maxntid: what is not given is 1.
[[nodiscard]] std::array<std::uint32_t, 3> parse_extents(TokenStream& tokens);

}  // namespace cujitsu::softgpu::ptx
