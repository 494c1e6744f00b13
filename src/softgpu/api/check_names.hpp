// SPDX-License-Identifier: MIT
// CUJITSU_SOFTGPU_CHECK and CUJITSU_SOFTGPU_SCHEDULE, as the user writes them.
#pragma once

#include "softgpu/engine/settings.hpp"

namespace cujitsu::softgpu::api {

/// Fails, as cuInit then does, when a name or the seed is none.
[[nodiscard]] Settings read_settings();

}  // namespace cujitsu::softgpu::api
