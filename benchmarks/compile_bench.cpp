// SPDX-License-Identifier: MIT
// Cold compiles against the bare NVRTC calls.
#include "benchmarks/compile_bench.hpp"

#include "benchmarks/measure.hpp"
#include "driver/context.hpp"
#include "nvrtc/nvrtc.hpp"

#include <cujitsu/cujitsu.hpp>

#include <unistd.h>

#include <filesystem>
#include <stdexcept>

namespace cujitsu::bench {
namespace {

/// A small kernel that differs with `seed`, so that nothing on the way can remember it.
std::string source_of(int seed) {
  return fmt::format(R"(
__global__ void saxpy(float* y, const float* x, float a, int n) {{
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = a * x[i] + y[i] + {}.0f;
}}
)",
                     seed);
}

/// What a program would write by hand: the same calls, the same results fetched.
void compile_bare(const nvrtc::Nvrtc& nvrtc, const std::string& source, const std::vector<std::string>& options) {
  const auto& api = nvrtc.api;
  const auto check = [](nvrtc::Result result) {
    if (result != 0) throw std::runtime_error("NVRTC failed");
  };
  nvrtc::ProgramHandle program = nullptr;
  check(api.nvrtcCreateProgram(&program, source.c_str(), "kernel.cu", 0, nullptr, nullptr));
  std::vector<const char*> arguments;
  for (const auto& option : options) arguments.push_back(option.c_str());
  check(api.nvrtcCompileProgram(program, static_cast<int>(arguments.size()), arguments.data()));
  std::size_t size = 0;
  check(api.nvrtcGetPTXSize(program, &size));
  std::string ptx(size, '\0');
  check(api.nvrtcGetPTX(program, ptx.data()));
  check(api.nvrtcGetCUBINSize(program, &size));
  std::string cubin(size, '\0');
  check(api.nvrtcGetCUBIN(program, cubin.data()));
  check(api.nvrtcGetProgramLogSize(program, &size));
  std::string log(size, '\0');
  check(api.nvrtcGetProgramLog(program, log.data()));
  check(api.nvrtcDestroyProgram(&program));
}

}  // namespace

void compare_compiles() {
  const auto warm_up = compile(source_of(0), {}, nullptr);  // loads NVRTC
  const auto toolkit = nvrtc::require_toolkit(driver::version_or_zero() / 1000);
  const auto& nvrtc = nvrtc::load(*toolkit);
  int seed = 1;
  const auto bare = [&] { compile_bare(nvrtc, source_of(++seed), warm_up.options); };
  compare(
      "compile, uncached", "bare NVRTC", 41, "lower", 1.05,
      [&] { static_cast<void>(compile(source_of(++seed), {}, nullptr)); }, bare);
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("cujitsu-bench-{}", ::getpid());
  KernelCache cache(folder);
  compare(
      "compile, a miss that is stored", "bare NVRTC", 41, "lower", 1.05,
      [&] { static_cast<void>(compile(source_of(++seed), {}, &cache)); }, bare);
  std::filesystem::remove_all(folder);
}

}  // namespace cujitsu::bench
