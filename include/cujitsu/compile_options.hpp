// SPDX-License-Identifier: MIT
// What changes the machine code, besides the source.
#pragma once

#include <string>
#include <vector>

namespace cujitsu {

/// A header that exists in memory only: `#include "name"` or `<name>` finds it before any folder.
struct Header {
  std::string name;
  std::string text;

  friend bool operator==(const Header&, const Header&) = default;
};

/// Whether headers are kept precompiled within this process, where NVRTC can (12.8).
enum class Pch {
  off,
  automatic,  ///< the #include lines that a source begins with are precompiled once, for every source with the same ones
};

/// A plain value. The order of every list counts, for NVRTC and so for the cache key.
struct CompileOptions {
  /// NVRTC's own options, such as "--use_fast_math" or "-DN=4". Nothing is added to them but what CompiledCode::options lists.
  std::vector<std::string> options = {};
  /// Folders for #include, searched before the toolkit's. Relative ones count from the current folder.
  std::vector<std::string> include_dirs = {};
  /// Headers in memory, searched first of all.
  std::vector<Header> headers = {};
  /// Template instances (or overloads) to make, such as "scale<float>"; get_function takes the same text.
  std::vector<std::string> name_expressions = {};
  /// "sm_90", "compute_80" (PTX alone), or empty: the current device's own, clamped to what NVRTC knows; sm_80 where there is none.
  std::string arch = {};
  /// The program's name in diagnostics and in debug information.
  std::string name = "kernel.cu";
  /// Every header is read once, by us, and NVRTC is given those very bytes instead of the files: nothing that changes while
  /// it compiles can get into the result.
  bool hermetic = false;
  /// Makes the first compile with a set of headers slower (twice, for CUB) and the further ones faster (six times). It does not
  /// change the result, so it is no part of the cache key. Nothing is shared with other processes.
  Pch pch = Pch::off;
};

}  // namespace cujitsu
