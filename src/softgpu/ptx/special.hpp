// SPDX-License-Identifier: MIT
// The names of special registers.
#pragma once

#include "softgpu/ptx/ast.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace cujitsu::softgpu::ptx {

struct SpecialRegister {
  Special special{};
  std::uint8_t component = 0;
  bool has_components = false;  ///< .x, .y or .z must follow
};

/// "%tid", "%envreg3". Nothing for a name that is none.
[[nodiscard]] std::optional<SpecialRegister> find_special(std::string_view name) noexcept;
/// ".y" -> 1
[[nodiscard]] std::optional<std::uint8_t> find_component(std::string_view dot_word) noexcept;

}  // namespace cujitsu::softgpu::ptx
