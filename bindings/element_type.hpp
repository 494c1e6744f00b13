// SPDX-License-Identifier: MIT
// The element types of arrays as Python's protocols write them.
#pragma once

#include <cujitsu/element_type.hpp>

#include <cstddef>
#include <string_view>

namespace cujitsu::python {

/// One number of `bytes` bytes, of either sign if it is an integer.
[[nodiscard]] constexpr ElementType element(ElementType::Kind kind, std::size_t bytes) noexcept {
  return {kind, ElementType::Sign::either, 1, false, static_cast<std::uint32_t>(bytes)};
}

/// From a buffer's struct format ("f", "<i", "Zd") and item size; unknown for records and whatever else.
[[nodiscard]] ElementType element_of_format(std::string_view format, std::size_t item_size);

/// From an array interface's typestr, such as "<f4". The size is 0 for text that is none.
[[nodiscard]] ElementType element_of_typestr(std::string_view typestr);

}  // namespace cujitsu::python
