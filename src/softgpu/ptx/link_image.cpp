// SPDX-License-Identifier: MIT
#include "softgpu/ptx/link_image.hpp"

#include <algorithm>
#include <utility>

namespace cujitsu::softgpu::ptx {
namespace {

// A comment to everybody else. In front of the first unit, and of each that follows at the beginning of a line.
constexpr std::string_view mark = "//!linked unit ";
constexpr const char* nothing = ".version 6.3\n.target sm_75\n.address_size 64\n";

}  // namespace

std::string pack_units(const std::vector<NamedText>& units) {
  if (units.empty()) return nothing;
  std::string image;
  for (const auto& [name, text] : units) {
    image += mark;
    for (const char c : name) image += c == '\n' || c == '\r' ? ' ' : c;
    image += '\n';
    image += text;
    if (!image.ends_with('\n')) image += '\n';
  }
  return image;
}

std::vector<NamedText> unpack_units(std::string text) {
  std::vector<NamedText> units;
  if (!text.starts_with(mark)) {
    units.push_back({{}, std::move(text)});
    return units;
  }
  const std::string_view all = text;
  for (std::size_t begin = 0; begin < all.size();) {
    const auto name = begin + mark.size();
    const auto body = std::min(all.find('\n', name), all.size() - 1) + 1;
    // The line feed in front of the next unit stays with this one.
    const auto next = all.find(std::string("\n").append(mark), body - 1);
    const auto end = next == std::string_view::npos ? all.size() : next + 1;
    units.push_back({std::string(all.substr(name, body - name - 1)), std::string(all.substr(body, end - body))});
    begin = end;
  }
  return units;
}

}  // namespace cujitsu::softgpu::ptx
