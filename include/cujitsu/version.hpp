// SPDX-License-Identifier: MIT
// The version, in one place: CMakeLists.txt and pyproject.toml read it from here.
#pragma once

#define CUJITSU_VERSION "0.1.0"

namespace cujitsu {

inline constexpr const char* version = CUJITSU_VERSION;

}  // namespace cujitsu
