// SPDX-License-Identifier: MIT
// Registers and memory of each kernel, read out of the machine code without a driver.
#pragma once

#include <cujitsu/compiled_code.hpp>

#include <map>
#include <string>
#include <string_view>

namespace cujitsu::compiler {

/// By lowered name. Empty when `cubin` is not a 64-bit ELF file; what is not found stays 0.
[[nodiscard]] std::map<std::string, KernelResources, std::less<>> read_resources(std::string_view cubin);

}  // namespace cujitsu::compiler
