// SPDX-License-Identifier: MIT
// What a kernel takes, known at compile time.
#pragma once

#include <cujitsu/export.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cujitsu {

/// The values are stored in cache entries and therefore frozen.
enum class ParameterKind : std::uint8_t {
  integer = 0,    ///< bool, char, int, enum …: `size` bytes, either sign
  floating = 1,   ///< float or double
  pointer = 2,    ///< known from the mangled name or from PTX's .ptr; else an 8-byte `integer` also takes a pointer
  aggregate = 3,  ///< a struct, an array or a vector type by value: raw bytes
};

/// One parameter. Sizes, alignments and offsets are in bytes.
struct ParameterType {
  ParameterKind kind = ParameterKind::integer;
  std::size_t size = 0;
  std::size_t alignment = 0;
  std::size_t offset = 0;
  std::string c_type;  ///< such as "float const*"; empty where only PTX is known, as for extern "C" kernels

  friend bool operator==(const ParameterType&, const ParameterType&) = default;
};

/// A kernel's parameters in order.
struct KernelSignature {
  std::vector<ParameterType> parameters;

  /// As C: "(float*, float const*, int)". What PTX alone tells is written as PTX has it: ".u64", ".b8[24]".
  [[nodiscard]] CUJITSU_API std::string to_string() const;

  friend bool operator==(const KernelSignature&, const KernelSignature&) = default;
};

}  // namespace cujitsu
