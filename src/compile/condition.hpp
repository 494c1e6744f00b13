// SPDX-License-Identifier: MIT
// The value of a preprocessor condition, as far as it is known.
#pragma once

#include "compile/directives.hpp"

#include <cstdint>
#include <vector>

namespace cujitsu::compiler {

enum class Truth : std::uint8_t { no, yes, unknown };

/// Of the tokens of a condition behind macro replacement. What is malformed is unknown.
[[nodiscard]] Truth evaluate(const std::vector<Token>& tokens);

}  // namespace cujitsu::compiler
