// SPDX-License-Identifier: MIT
// What NVRTC's command line says to its preprocessor, and which macros NVRTC itself defines.
#pragma once

#include "compile/macro_table.hpp"
#include "compile/options.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::compiler {

/// The part of a command line that decides what is read.
struct PreprocessorOptions {
  struct Definition {
    std::string text;  ///< "NAME" or "NAME value", as behind #define
    bool is_undefined = false;
  };
  std::vector<std::string> folders;     ///< of -I and --include-path, in order
  std::vector<std::string> includes;    ///< of --pre-include and -include, in order
  std::vector<Definition> definitions;  ///< of -D and -U, in order
  std::string uncacheable;              ///< why nobody can tell what is read or written; else empty
  long cplusplus = 0;                   ///< the value of __cplusplus; 0 where it is not certain
  int cuda_arch = 0;                    ///< the value of __CUDA_ARCH__; likewise
  bool is_plain_arch = false;           ///< such as sm_90, not sm_90a or sm_100f
};

[[nodiscard]] PreprocessorOptions parse_preprocessor_options(const std::vector<std::string>& nvrtc_options,
                                                             CompilerVersion version);

/// Whether NVRTC of some version may define `name` before the program begins: reserved names, and what its own header
/// brings. For those whose value is certain see `known_macro`.
[[nodiscard]] bool may_be_predefined(std::string_view name);

/// Whether an include guard of this name may be one that NVRTC's built-in headers define, so that it never reads the
/// header on disk. Of any other guard it can be told that no compiler predefines it, reserved name or not.
[[nodiscard]] bool may_be_builtin_guard(std::string_view name);

/// 1: defined, with `value` ("" where only that is certain); 0: certainly not defined; -1: not known.
[[nodiscard]] int known_macro(std::string_view name, const PreprocessorOptions& options, CompilerVersion version,
                              std::string& value);

}  // namespace cujitsu::compiler
