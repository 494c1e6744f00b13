// SPDX-License-Identifier: MIT
// The element type of an array, and whether a kernel's pointer parameter may point at it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cujitsu::python {

/// Signed and unsigned integers and bool are one kind: mixing them is common and loses nothing on the way.
struct ElementType {
  enum class Kind { unknown, integer, floating, complex };
  Kind kind = Kind::unknown;
  std::size_t size = 0;  ///< bytes

  [[nodiscard]] std::string to_string() const;
};

/// From a buffer's struct format ("f", "<i", "Zd") and item size; unknown for records and whatever else.
[[nodiscard]] ElementType element_of_format(std::string_view format, std::size_t item_size);

/// From an array interface's typestr, such as "<f4".
[[nodiscard]] ElementType element_of_typestr(std::string_view typestr);

/// What "float const*" points at; unknown for void, structs, pointers to pointers and an empty c_type.
[[nodiscard]] ElementType pointee_of(std::string_view c_type);

/// False only where both are known and differ.
[[nodiscard]] bool may_point_at(const ElementType& pointee, const ElementType& element);

}  // namespace cujitsu::python
