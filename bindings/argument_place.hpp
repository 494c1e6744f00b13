// SPDX-License-Identifier: MIT
// Which argument of which kernel: the beginning of every message about one.
#pragma once

#include <cujitsu/compiled_code.hpp>

#include <cstddef>
#include <string>

namespace cujitsu::python {

/// Costs nothing until its text is asked for. Borrows the kernel.
class ArgumentPlace {
 public:
  ArgumentPlace(const KernelInfo& kernel, std::size_t index) noexcept : kernel_(&kernel), index_(index) {}

  [[nodiscard]] const ParameterType& parameter() const { return kernel_->signature.parameters[index_]; }

  /// "argument 2 of 4 (const float* x)"
  [[nodiscard]] std::string position() const;
  /// "saxpy(): argument 2 of 4 (const float* x)"
  [[nodiscard]] std::string to_string() const;

 private:
  const KernelInfo* kernel_;
  std::size_t index_;
};

}  // namespace cujitsu::python
