// SPDX-License-Identifier: MIT
// The C++ side of `./dev bench`: benchmarks/run.py starts it, several times where a fresh process is the point.
#include "benchmarks/compile_bench.hpp"
#include "benchmarks/copy_bench.hpp"
#include "benchmarks/softgpu_bench.hpp"

#include <cujitsu/libraries.hpp>

#include <cstdio>
#include <exception>
#include <string_view>

int main(int argc, char** argv) {
  const std::string_view what = argc == 2 ? argv[1] : "";
  try {
    const bool with_device = cujitsu::driver_report().usable;
    if (what == "compile") {
      cujitsu::bench::compare_compiles();
    } else if (what == "copy") {
      if (with_device) cujitsu::bench::compare_copies();
    } else if (what == "prime") {
      cujitsu::bench::prime_hit();
    } else if (what == "hit") {
      cujitsu::bench::time_hit(with_device);
    } else if (what == "bare-load") {
      cujitsu::bench::time_bare_load();
    } else if (what == "softgpu-instructions") {
      cujitsu::bench::measure_instructions();
    } else if (what == "softgpu-kernels") {
      cujitsu::bench::compare_kernels();
    } else if (what == "softgpu-threads") {
      cujitsu::bench::time_kernel_of_all_threads();
    } else if (what == "has-device") {
      return with_device ? 0 : 1;
    } else {
      std::fprintf(stderr,
                   "usage: %s compile|copy|prime|hit|bare-load|has-device|softgpu-instructions|softgpu-kernels|"
                   "softgpu-threads\n",
                   argv[0]);
      return 2;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
