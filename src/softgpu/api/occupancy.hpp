// SPDX-License-Identifier: MIT
// How many blocks of a kernel fit into a multiprocessor, as a device of compute capability 8.0 counts.
#pragma once

#include "softgpu/api/objects.hpp"

namespace cujitsu::softgpu::api {

/// Registers per thread; what launch bounds promise is kept, as a compiler for a GPU would.
[[nodiscard]] unsigned registers_of(const KernelFacts& facts);
/// The largest block that registers and launch bounds allow.
[[nodiscard]] unsigned max_threads_of(const KernelFacts& facts);
/// Bytes of dynamic shared memory that a launch may ask for.
[[nodiscard]] unsigned max_dynamic_shared_of(const Function& function);
/// Resident blocks of a multiprocessor; 0: not even one fits.
[[nodiscard]] unsigned blocks_per_multiprocessor(const KernelFacts& facts, std::uint64_t threads,
                                                 std::uint64_t dynamic_shared);

}  // namespace cujitsu::softgpu::api
