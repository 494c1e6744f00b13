// SPDX-License-Identifier: MIT
// Size and alignment of a variable.
#include "softgpu/ptx/ast.hpp"

#include <algorithm>

namespace cujitsu::softgpu::ptx {

std::uint64_t Variable::bytes() const noexcept {
  if (is_unsized) return 0;
  return elements * vector * std::max(1U, bits_of(type) / 8);
}

unsigned Variable::align() const noexcept {
  if (alignment != 0) return alignment;
  return std::max(1U, bits_of(type) / 8) * vector;
}

}  // namespace cujitsu::softgpu::ptx
