// SPDX-License-Identifier: MIT
// Words for what the checks find.
#pragma once

#include "softgpu/engine/checks/observation.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace cujitsu::softgpu {

struct Launch;
struct Program;

/// "read", "write", "atomic"
[[nodiscard]] const char* text_of(Observation::Kind kind) noexcept;
/// "byte 8 of 'k(int*)::tile'", "byte 8 of the dynamic shared memory"
[[nodiscard]] std::string shared_place(const Launch& launch, std::uint64_t offset);
[[nodiscard]] bool is_wide_register(const Instruction* in) noexcept;

}  // namespace cujitsu::softgpu
