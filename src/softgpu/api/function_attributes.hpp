// SPDX-License-Identifier: MIT
// Attributes and parameters of kernels, for functions and context-independent kernels alike.
#pragma once

#include "softgpu/api/objects.hpp"

namespace cujitsu::softgpu::api {

[[nodiscard]] int get_attribute(Function& function, int attribute);
void set_attribute(Function& function, int attribute, int value);
void parameter_info(const KernelFacts& facts, std::size_t index, std::size_t* offset, std::size_t* bytes);

}  // namespace cujitsu::softgpu::api
