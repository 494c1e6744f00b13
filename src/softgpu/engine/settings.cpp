// SPDX-License-Identifier: MIT
#include "softgpu/engine/settings.hpp"

namespace cujitsu::softgpu {
namespace {

Settings current;

}  // namespace

void set_settings(const Settings& settings) noexcept { current = settings; }

const Settings& settings() noexcept { return current; }

}  // namespace cujitsu::softgpu
