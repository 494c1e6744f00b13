// SPDX-License-Identifier: MIT
// How fast softgpu executes. The process has CUJITSU_DRIVER=softgpu, and by CUJITSU_SOFTGPU_THREADS as many threads as
// the rows shall speak of.
#pragma once

namespace cujitsu::bench {

/// Rows: what one instruction of a warp takes, against the goals.
void measure_instructions();
/// Rows: whole kernels against the same in OpenCL C (PoCL) and against a plain C loop, and what a launch takes.
void compare_kernels();
/// Prints one JSON line with the wall time of a kernel, for run.py to compare between numbers of threads.
void time_kernel_of_all_threads();

}  // namespace cujitsu::bench
