// SPDX-License-Identifier: MIT
// NVIDIA's disassemblers, where one is installed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::cli {

struct Disassembler {
  std::string program;                 ///< its path
  std::vector<std::string> arguments;  ///< before the file's name
};

/// The first of nvdisasm and cuobjdump in PATH, in CUDA_PATH and CUDA_HOME, beside the NVRTC in use (an installed toolkit or
/// NVIDIA's Python wheels) and in /usr/local/cuda. Throws Error, which says where it was looked for and what to install.
[[nodiscard]] Disassembler find_disassembler();

/// The disassembly of machine code, as the program prints it; its errors go to stderr. Throws Error when it fails.
[[nodiscard]] std::string disassemble(const Disassembler& disassembler, std::string_view cubin);

}  // namespace cujitsu::cli
