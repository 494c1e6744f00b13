// SPDX-License-Identifier: MIT
// What is known of each kernel and variable in compiled code.
#pragma once

#include "compile/kernel_scan.hpp"

#include <cujitsu/compiled_code.hpp>

#include <map>
#include <string>
#include <vector>

namespace cujitsu::compiler {

/// The types of parameters by the lowered name of their kernel.
using TypesByKernel = std::map<std::string, std::vector<std::string>>;

/// Fills `kernels` and `globals` from the PTX and the machine code of `code`, completed by what the source declares and
/// the compiler said of types. Where there is no PTX, the kernels' parameters stay unknown.
void describe_kernels(CompiledCode& code, const std::vector<DeclaredKernel>& declared, const TypesByKernel& types);

}  // namespace cujitsu::compiler
