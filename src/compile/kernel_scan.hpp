// SPDX-License-Identifier: MIT
// The kernels that a source declares, found without a compiler: for what no compiler tells, the parameters' names, and to
// know which extern "C" kernels to ask it about.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::compiler {

struct DeclaredKernel {
  std::string scope;  ///< "" or "ns::inner::"
  std::string name;
  std::vector<std::string> parameters;  ///< names; "" for one without
  bool is_extern_c = false;
  bool is_template = false;

  friend bool operator==(const DeclaredKernel&, const DeclaredKernel&) = default;
};

/// In the order of the text. Knows no preprocessor: both branches of an #if are read, and what a macro makes is not seen.
/// A hint and no fact, therefore.
[[nodiscard]] std::vector<DeclaredKernel> scan_kernels(std::string_view source);

/// The names of the parameters of the kernel that is called `name` ("ns::add", "scale<float>") and has `count` of them;
/// empty where the source does not tell which they are.
[[nodiscard]] std::vector<std::string> parameter_names(const std::vector<DeclaredKernel>& kernels,
                                                       std::string_view name, std::size_t count);

}  // namespace cujitsu::compiler
