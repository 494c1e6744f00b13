// SPDX-License-Identifier: MIT
// What the parser and the linker throw, as the driver's codes and logs.
#pragma once

#include "softgpu/engine/launch.hpp"
#include "softgpu/ptx/linker.hpp"
#include "softgpu/ptx/parser.hpp"

namespace cujitsu::softgpu {

[[nodiscard]] LoadedModule::Error to_error(const ptx::ParseError& error);
[[nodiscard]] LoadedModule::Error to_error(const ptx::LinkError& error);

}  // namespace cujitsu::softgpu
