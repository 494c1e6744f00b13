// SPDX-License-Identifier: MIT
// libFuzzer target: whatever the program and its headers, the search for its closure ends, and what it finds is in order.
// `./dev fuzz` runs it. An input is texts with '@' lines between them: the program, then headers in memory, called by the
// line that begins them ("@a.h"); a line "@-DX=1" is an option.
#include "compile/hermetic.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace cujitsu;
using namespace cujitsu::compiler;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  std::string source;
  std::string* text = &source;
  CompileOptions options;
  options.headers.reserve(input.size() / 2 + 1);  // `text` points into it
  std::vector<std::string> nvrtc_options{"--gpu-architecture=sm_80"};
  std::set<std::string> names;
  for (std::size_t at = 0; at < input.size();) {
    const auto end = std::min(input.size(), input.find('\n', at));
    const auto line = input.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("@-")) {
      nvrtc_options.emplace_back(line.substr(1));
    } else if (line.starts_with("@") && line.size() > 1 && names.emplace(line.substr(1)).second) {
      options.headers.push_back({std::string(line.substr(1)), {}});
      text = &options.headers.back().text;
    } else {
      *text += line;
      *text += '\n';
    }
  }
  const std::vector<std::string> no_toolkit;
  const ClosureRequest request{options, nvrtc_options, no_toolkit, {13, 0}};
  const auto program = make_hermetic(source, request);
  const auto& absent = program.closure.record.absent;
  require(std::set<std::string>(absent.begin(), absent.end()).size() == absent.size());
  if (program.refusal.empty()) require(std::ranges::count(program.source, '\n') == std::ranges::count(source, '\n'));
  return 0;
}
