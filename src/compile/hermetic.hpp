// SPDX-License-Identifier: MIT
// A program together with the very bytes of every header, so that NVRTC reads none from disk.
#pragma once

#include "compile/include_closure.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::compiler {

struct HermeticProgram {
  std::string refusal;                     ///< why there is none; else empty
  IncludeClosure closure;                  ///< whose bytes these are
  std::string source;                      ///< what NVRTC is to be given, line for line …
  std::vector<Header> headers;             ///< … with these headers, the user's own among them …
  std::vector<std::string> nvrtc_options;  ///< … and these options, which have no include folders
};

/// NVRTC finds a header in memory by exactly the name in the directive, whoever asks. So each header is called by its
/// path, as NVRTC would spell it (so __FILE__ and diagnostics stay the same), and each #include that was followed is
/// rewritten to name that path; an answered __has_include becomes 0 or 1. Line numbers stay. What a macro asks, and the
/// rewriting can not reach, is served by headers under the names asked for; where two such names would have to mean
/// different files, that is the refusal. Any thread.
[[nodiscard]] HermeticProgram make_hermetic(std::string_view source, const ClosureRequest& request);

}  // namespace cujitsu::compiler
