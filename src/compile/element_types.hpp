// SPDX-License-Identifier: MIT
// The types of CUDA C++ by their names.
#pragma once

#include <cujitsu/element_type.hpp>
#include <cujitsu/signature.hpp>

#include <string>
#include <string_view>

namespace cujitsu::compiler {

/// "unsigned int", "float3", "__half2", "cuda::std::complex<double>"; unknown for structs, enumerations and all else.
/// char is an integer here, of either sign.
[[nodiscard]] ElementType element_named(std::string_view c_type);

/// Of what a pointer parameter points at: the byte types and void are `any`.
[[nodiscard]] ElementType pointee_element(const ParameterType& parameter);

/// Of a parameter by value, from its C type or else from its kind: an integer of either sign for an enumeration and for
/// what PTX alone tells; unknown for structs and where the named type has another size.
[[nodiscard]] ElementType value_element(const ParameterType& parameter);

/// Whether a pointer may be given: a pointer, or 8 bytes of which no more is known than that.
[[nodiscard]] bool takes_pointer(const ParameterType& parameter);

/// "unsigned 4-byte integers", for messages.
[[nodiscard]] std::string to_string(const ElementType& element);

}  // namespace cujitsu::compiler
