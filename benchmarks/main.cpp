// SPDX-License-Identifier: MIT
// The C++ side of `./dev bench`: benchmarks/run.py starts it, several times where a fresh process is the point.
#include "benchmarks/cache_bench.hpp"
#include "benchmarks/compile_bench.hpp"
#include "benchmarks/copy_bench.hpp"
#include "benchmarks/launch_bench.hpp"
#include "benchmarks/softgpu_bench.hpp"

#include <cujitsu/libraries.hpp>

#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

int main(int argc, char** argv) {
  const std::string_view what = argc >= 2 && argc <= 4 ? argv[1] : "";
  try {
    const bool with_device = cujitsu::driver_report().usable;
    if (what == "compile") {
      cujitsu::bench::compare_compiles();
    } else if (what == "copy") {
      if (with_device) cujitsu::bench::compare_copies();
    } else if (what == "cache") {
      cujitsu::bench::compare_cache();
    } else if (what == "prime" && argc == 3) {
      cujitsu::bench::prime_hit(argv[2]);
    } else if (what == "hit" && argc == 3) {
      cujitsu::bench::time_hits(argv[2], with_device);
    } else if (what == "bare-load") {
      cujitsu::bench::time_bare_load();
    } else if (what == "softgpu-instructions") {
      cujitsu::bench::measure_instructions();
    } else if (what == "softgpu-kernels") {
      cujitsu::bench::compare_kernels();
    } else if (what == "softgpu-threads") {
      cujitsu::bench::time_kernel_of_all_threads();
    } else if (what == "launch" && argc == 2) {
      cujitsu::bench::compare_launches();
    } else if (what == "launch-repeat" && argc == 4) {
      cujitsu::bench::repeat_launches(argv[2], std::stoi(argv[3]));
    } else if (what == "has-device") {
      return with_device ? 0 : 1;
    } else {
      std::fprintf(stderr,
                   "usage: %s compile|cache|copy|bare-load|has-device|launch|softgpu-instructions|softgpu-kernels|"
                   "softgpu-threads\n       %s prime|hit plain|cub\n       %s launch-repeat "
                   "bare-4|bare-16|launch-4|launch-16|bound-4|bound-16 COUNT\n",
                   argv[0], argv[0], argv[0]);
      return 2;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
