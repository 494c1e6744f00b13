// SPDX-License-Identifier: MIT
// Compiles in a process of its own whose every look at a file is written down: what NVRTC really reads.
#pragma once

#include <cujitsu/compile_options.hpp>

#include <string>
#include <vector>

namespace cujitsu::test {

struct CompileJob {
  std::string folder;  ///< the current one meanwhile
  std::string source;
  CompileOptions options;
  bool without_folders = false;  ///< NVRTC is given no include folder
};

struct CompileOutcome {
  bool compiled = false;
  std::string ptx;                   ///< or the log
  std::vector<std::string> opened;   ///< files, in order, each once, as NVRTC spells them
  std::vector<std::string> missing;  ///< paths that could not be opened, or are folders
};

/// One child for all of them. Throws std::runtime_error when that fails.
[[nodiscard]] std::vector<CompileOutcome> compile_traced(const std::vector<CompileJob>& jobs);

}  // namespace cujitsu::test
