// SPDX-License-Identifier: MIT
// Asks the compiler for the C types of kernels whose names do not tell them.
#pragma once

#include "compile/kernel_scan.hpp"

#include <cujitsu/compile_options.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::compiler {

/// A mangled name holds the types of a kernel's parameters, but an extern "C" name does not, and that of a template has
/// "Traits<T>::type" as it was written. A variable template that is instantiated on the type of &kernel has a lowered name
/// that spells them all out; each costs one byte of global memory. Seen on NVRTC 12.1 to 13.5.
///
/// What the source seems to declare need not be there: it may stand in an #if that is not taken. So every extern "C" name
/// is also declared in a namespace of ours, where a qualified look-up goes only if the name is not in its own. Where the
/// probe breaks a program nevertheless, compile() leaves it out.
class SignatureProbe {
 public:
  struct Question {
    std::string kernel;      ///< an extern "C" kernel's name, or one of the user's name expressions
    std::string expression;  ///< what NVRTC is to lower
  };

  SignatureProbe(const std::vector<DeclaredKernel>& kernels, const CompileOptions& options);

  [[nodiscard]] const std::vector<Question>& questions() const noexcept { return questions_; }
  /// To be appended to the source; empty where there are no questions.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

  /// Whether NVRTC's log speaks of the probe.
  [[nodiscard]] static bool is_mentioned(std::string_view log);
  /// Whether a variable is the probe's own.
  [[nodiscard]] static bool is_own(std::string_view lowered_name);
  /// The parameter types in a lowered name; empty where the kernel is none, or takes nothing.
  [[nodiscard]] static std::vector<std::string> types(const std::string& lowered_name);

 private:
  std::vector<Question> questions_;
  std::string text_;
};

}  // namespace cujitsu::compiler
