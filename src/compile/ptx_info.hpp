// SPDX-License-Identifier: MIT
// What a PTX text declares: its kernels with their parameters, and its variables.
#pragma once

#include <cujitsu/signature.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::compiler {

struct PtxKernel {
  std::string name;
  std::vector<ParameterType> parameters;  ///< c_type empty; a pointer only where PTX says .ptr
};

struct PtxInfo {
  std::string version;               ///< ".version", such as "9.0"
  std::vector<PtxKernel> kernels;    ///< in the order of the text
  std::vector<std::string> globals;  ///< names of the .global and .const variables
};

/// Reads declarations only, never instructions. Text that it does not understand is passed over.
[[nodiscard]] PtxInfo read_ptx(std::string_view ptx);

}  // namespace cujitsu::compiler
