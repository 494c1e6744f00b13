// SPDX-License-Identifier: MIT
// How large the parts of a kernel may be.
#pragma once

#include <cstdint>
#include <string>

namespace cujitsu::softgpu {

class ModuleImage;

/// Of one thread: what a GPU of compute capability 8.0 has of local memory.
inline constexpr std::uint64_t most_frame_bytes = 512 * 1024;

/// ptxas' log for the first kernel with more parameters or static shared memory than there may be; empty: there is none.
[[nodiscard]] std::string why_beyond_limits(const ModuleImage& image);

}  // namespace cujitsu::softgpu
