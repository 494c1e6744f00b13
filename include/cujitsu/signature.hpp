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
  pointer = 2,    ///< known from the C type or from PTX's .ptr; else an 8-byte `integer` also takes a pointer
  aggregate = 3,  ///< a struct, an array, a vector type, half or __int128 by value: raw bytes
  unknown = 4,    ///< nothing but its size: of an extern "C" kernel where there is machine code alone
};

/// One parameter. Sizes, alignments and offsets are in bytes.
struct ParameterType {
  ParameterKind kind = ParameterKind::integer;
  std::size_t size = 0;
  std::size_t alignment = 0;
  std::size_t offset = 0;
  std::string c_type;             ///< such as "const float*"; empty where only PTX or the driver tells
  std::string name;               ///< as the source declares it; empty where it does not tell
  std::string pointee;            ///< what a pointer points at, without const and volatile: "float"; else empty
  bool pointee_is_const = false;  ///< whether the kernel can not write through it

  friend bool operator==(const ParameterType&, const ParameterType&) = default;
};

/// A kernel's parameters in order.
struct KernelSignature {
  std::string kernel;  ///< the kernel's name, as a person writes it
  std::vector<ParameterType> parameters;

  /// As C: "saxpy(float* y, const float* x, float a, int n)". What PTX alone tells is written as PTX has it: ".u64",
  /// ".b8[24]".
  [[nodiscard]] CUJITSU_API std::string to_string() const;

  friend bool operator==(const KernelSignature&, const KernelSignature&) = default;
};

/// One parameter as to_string writes it: "const float* x".
[[nodiscard]] CUJITSU_API std::string to_string(const ParameterType& parameter);

}  // namespace cujitsu
