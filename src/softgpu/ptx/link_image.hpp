// SPDX-License-Identifier: MIT
// What the linker gives out and the loader takes in: the texts of all units in one, still readable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::softgpu::ptx {

struct NamedText {
  std::string name;
  std::string text;
};

/// Ends without a zero. Of no units: an empty module.
[[nodiscard]] std::string pack_units(const std::vector<NamedText>& units);
/// The units of a text that pack_units has made; any other text is one unit without a name.
[[nodiscard]] std::vector<NamedText> unpack_units(std::string text);

}  // namespace cujitsu::softgpu::ptx
