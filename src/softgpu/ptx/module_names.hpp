// SPDX-License-Identifier: MIT
// What the names of a module mean.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace cujitsu::softgpu::ptx {

struct ModuleSymbol {
  enum class Kind : std::uint8_t { variable, function };
  Kind kind = Kind::variable;
  std::uint32_t index = 0;  ///< into Module::variables or Module::functions
};

using ModuleNames = std::unordered_map<std::string_view, ModuleSymbol>;

}  // namespace cujitsu::softgpu::ptx
