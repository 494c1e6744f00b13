// SPDX-License-Identifier: MIT
// What makes two compiles two, in words.
#pragma once

#include "base/header_record.hpp"
#include "cache/key_material.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu {

/// One of two compiles that are compared.
struct CompileSide {
  const KeyMaterial& key;
  const ClosureRecord& closure;
  std::string compiler;  ///< "13.0"
};

/// One phrase for each difference, "option -O1 added", "header b.h line 12 changed"; empty where the keys are equal.
[[nodiscard]] std::vector<std::string> differences(const CompileSide& before, const CompileSide& after);

/// Where two texts differ: "line 12 changed", "lines 3 to 5 added"; empty where they do not.
[[nodiscard]] std::string text_difference(std::string_view before, std::string_view after);

/// How much of two texts is the same, by lines at their beginnings and ends: from 0 to 1.
[[nodiscard]] double likeness(std::string_view one, std::string_view other);

}  // namespace cujitsu
