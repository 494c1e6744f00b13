// SPDX-License-Identifier: MIT
// Running a grid, seen from the driver's entry points.
#pragma once

#include "softgpu/engine/address_space.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::softgpu {

namespace ptx {
struct Module;
}

/// One parameter of a kernel in its parameter buffer.
struct ParameterLayout {
  std::uint32_t offset = 0;
  std::uint32_t bytes = 0;
};

/// What can be said of a kernel without running it.
struct KernelFacts {
  std::string name;
  std::vector<ParameterLayout> parameters;
  std::uint32_t parameter_bytes = 0;
  std::uint32_t static_shared_bytes = 0;
  std::uint32_t local_bytes = 0;                    ///< per thread, of the kernel's own frame
  std::uint32_t constant_bytes = 0;                 ///< user's __constant__ variables of its module
  std::uint32_t registers = 0;                      ///< per thread, in words of 32 bits, at most 255
  std::array<std::uint32_t, 3> max_threads{};       ///< .maxntid, 0: none
  std::array<std::uint32_t, 3> required_threads{};  ///< .reqntid
  bool uses_grid_barrier = false;
};

/// PTX that has been loaded into one device's memory: variables allocated and initialised, functions lowered when they
/// are first launched. Any thread may call.
class LoadedModule {
 public:
  struct Error {
    int code = 0;     ///< CUresult: 200, 218, 222
    std::string log;  ///< as ptxas would write it
  };
  /// Loads `text` into `memory`, which outlives the module. On failure nothing is returned and `error` is set. A module
  /// with an instruction that is not supported loads; launching a function that has it fails.
  [[nodiscard]] static std::shared_ptr<LoadedModule> load(std::string text, AddressSpace& memory, Error& error);
  virtual ~LoadedModule() = default;

  struct Global {
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
  };
  [[nodiscard]] virtual std::vector<std::string> kernel_names() const = 0;
  /// nullptr: there is no such kernel.
  [[nodiscard]] virtual const KernelFacts* kernel(std::string_view name) const = 0;
  /// A .global or .const variable. bytes 0: there is none.
  [[nodiscard]] virtual Global global(std::string_view name) const = 0;
  [[nodiscard]] virtual unsigned ptx_version() const = 0;  ///< 90 for 9.0
  [[nodiscard]] virtual unsigned target() const = 0;       ///< 80 for sm_80
};

struct Dimensions {
  std::uint32_t x = 1, y = 1, z = 1;
  [[nodiscard]] std::uint64_t count() const noexcept { return std::uint64_t{x} * y * z; }
};

struct LaunchRequest {
  std::shared_ptr<LoadedModule> module;
  std::string_view kernel;  ///< KernelFacts::name of the module
  Dimensions grid;
  Dimensions block;
  std::uint32_t dynamic_shared_bytes = 0;
  std::vector<std::byte> parameters;  ///< laid out as KernelFacts says
  bool cooperative = false;
  std::uint32_t stack_bytes = 1024;     ///< CU_LIMIT_STACK_SIZE
  std::uint64_t heap_bytes = 8u << 20;  ///< CU_LIMIT_MALLOC_HEAP_SIZE
};

struct LaunchOutcome {
  int code = 0;         ///< CUresult: 0, or what the context dies of
  std::string message;  ///< kernel, block, thread, source line, address, nearest allocation; empty without an error
};

/// What is wrong with a kernel that can not be lowered ("opcode 'wgmma' (PTX line 212) is not supported"); empty: nothing.
/// The launch call reports it at once, as CUDA_ERROR_NOT_SUPPORTED.
[[nodiscard]] std::string why_not_runnable(LoadedModule& module, std::string_view kernel);

/// Runs a grid to its end on the worker threads and the calling one. Launch limits have been checked by the caller.
/// Several grids may run at the same time. `print` gets what the kernel printed, from any thread, one call at a time.
[[nodiscard]] LaunchOutcome run(AddressSpace& memory, const LaunchRequest& request,
                                const std::function<void(std::string_view)>& print);

}  // namespace cujitsu::softgpu
