// SPDX-License-Identifier: MIT
#include <cujitsu/environment.hpp>

#include <array>
#include <cassert>
#include <cstdlib>
#include <cstring>

namespace cujitsu {
namespace {

// Every getenv of the library goes through environment_value, which knows these names alone: a variable that is not in
// this table (and so not in docs/environment.md, which a test compares) can not be read.
constexpr std::array variables{
    EnvironmentVariable{
        "CUJITSU_DRIVER", "auto, cuda, softgpu", "auto",
        "Which driver to use: a GPU where there is one, else softgpu; or one of them and nothing else."},
    EnvironmentVariable{"CUJITSU_LIBCUDA", "a file", "libcuda.so.1",
                        "The CUDA driver library to open, instead of the one that the system loader finds."},
    EnvironmentVariable{"CUJITSU_NVRTC", "a file", "searched",
                        "The NVRTC library to use; no other is looked at. Its headers are looked for beside it."},
    EnvironmentVariable{"CUJITSU_TOOLKIT", "auto, system, wheels", "auto",
                        "Where NVRTC may come from: installed toolkits, NVIDIA's Python wheels, or both."},
    EnvironmentVariable{"CUJITSU_CACHE_DIR", "a folder", "$XDG_CACHE_HOME/cujitsu or ~/.cache/cujitsu",
                        "Where the kernel cache is."},
    EnvironmentVariable{"CUJITSU_CACHE_DISABLE", "0, 1", "0", "1: neither read nor write the kernel cache."},
    EnvironmentVariable{"CUJITSU_CACHE_MAX_BYTES", "bytes, or with K, M, G", "1G",
                        "How large the kernel cache may grow; what was not used for longest goes first. 0: no bound."},
    EnvironmentVariable{"CUJITSU_CACHE_SEED", "folders, with colons", "unset",
                        "Kernel caches that are only read, where the user's own has no entry."},
    EnvironmentVariable{"CUJITSU_CACHE_KEY_FILE", "a file", "unset",
                        "A secret of 32 bytes or more, for its owner alone: only entries made with it are used."},
    EnvironmentVariable{"CUJITSU_CACHE_LOCK_TIMEOUT", "seconds from 0", "60",
                        "How long a process waits for another one that compiles the same, before it compiles itself."},
    EnvironmentVariable{
        "CUJITSU_CACHE_FAILURES", "seconds from 0", "10",
        "How long the error of a program that does not compile is remembered; 0: each time NVRTC is asked again."},
    EnvironmentVariable{"CUJITSU_COMPILE_WORKERS", "a number from 1", "one for each CPU",
                        "How many compiles run at once, for compile_many, compile_async and precompile."},
    EnvironmentVariable{
        "CUJITSU_WORKER", "a file, or off", "searched",
        "The cujitsu command that compile_many and precompile start as worker processes; off starts none."},
    EnvironmentVariable{"CUJITSU_RECORD", "a file", "unset",
                        "A manifest to which every program that is compiled or found in the cache is added, once."},
    EnvironmentVariable{"CUJITSU_COMPILE", "allow, forbid", "allow",
                        "forbid: a program that is not in the kernel cache is an error, and no compiler is run."},
    EnvironmentVariable{"CUJITSU_LOG", "debug, info, warning, error, off", "warning",
                        "How much cujitsu says on stderr."},
    EnvironmentVariable{"CUJITSU_SOFTGPU_THREADS", "a number", "one for each CPU",
                        "How many threads softgpu runs blocks on; 1 makes every run the same, step by step."},
    EnvironmentVariable{"CUJITSU_SOFTGPU_MEMORY", "bytes, or with K, M, G", "a quarter of the machine's",
                        "How much memory a softgpu device has."},
    EnvironmentVariable{"CUJITSU_SOFTGPU_DEVICES", "a number", "1", "How many devices softgpu shows."},
    EnvironmentVariable{"CUJITSU_SOFTGPU_CHECK", "races, uninitialized, barriers, deadlocks, all, with commas",
                        "deadlocks", "What softgpu looks for in kernels beyond wrong addresses."},
    EnvironmentVariable{
        "CUJITSU_SOFTGPU_SCHEDULE", "a number from 0", "unset",
        "A seed: blocks, warps and lanes run in an order by chance, on one thread, the same for the same seed."},
    EnvironmentVariable{"CUJITSU_SOFTGPU_ISA", "baseline, v3, v4", "the best that the CPU has",
                        "Which x86-64 level softgpu uses: x86-64-v2, AVX2, AVX-512."},
    EnvironmentVariable{"CUDA_PATH", "a folder", "unset",
                        "A CUDA toolkit in which NVRTC and its headers are looked for."},
    EnvironmentVariable{"CUDA_HOME", "a folder", "unset", "The same, after CUDA_PATH."},
    EnvironmentVariable{"CUDA_LAUNCH_BLOCKING", "0, 1", "0",
                        "The driver's own: 1 waits for each kernel, so that a fault names the kernel that made it."},
    EnvironmentVariable{"CONDA_PREFIX", "a folder", "unset", "A conda environment in which NVRTC is looked for."},
    EnvironmentVariable{"LD_LIBRARY_PATH", "folders", "unset", "Also searched for NVRTC, as the system loader would."},
    EnvironmentVariable{
        "VIRTUAL_ENV", "a folder", "unset",
        "A Python environment in which NVIDIA's wheels are looked for, for programs that are not Python."},
    EnvironmentVariable{"XDG_CACHE_HOME", "a folder", "~/.cache", "The parent of the kernel cache."},
    EnvironmentVariable{"HOME", "a folder", "unset", "Where ~/.cache is."},
};

}  // namespace

std::span<const EnvironmentVariable> environment_variables() noexcept { return variables; }

std::optional<std::string> environment_value(const char* name) {
#ifndef NDEBUG
  bool known = false;
  for (const auto& variable : variables) known = known || std::strcmp(variable.name, name) == 0;
  assert(known && "add the variable to the table above and to docs/environment.md");
#endif
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

}  // namespace cujitsu
