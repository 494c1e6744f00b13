// SPDX-License-Identifier: MIT
// A CUDA C++ string, compiled and loaded.
#pragma once

#include <cujitsu/compile.hpp>
#include <cujitsu/export.hpp>
#include <cujitsu/kernel.hpp>
#include <cujitsu/memory.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu {

/// A compiled source string, for every device. Copies are cheap and share the code; kernels keep it alive.
///
/// The constructor compiles (or finds the result in the cache) and needs no device; the code is loaded into the driver by
/// the first get_function, get_global or load. May be used from any thread.
class CUJITSU_API SourceModule {
 public:
  /// Throws what compile() throws.
  explicit SourceModule(std::string_view source, const CompileOptions& options = {},
                        KernelCache* cache = &KernelCache::standard());
  /// From code that compile() made before.
  explicit SourceModule(CompiledCode code);
  /// PTX that some compiler made; the driver compiles it. Throws ArgumentError for text that is none.
  [[nodiscard]] static SourceModule from_ptx(std::string ptx);
  /// Machine code that some compiler made, for a device that runs it. What its kernels take is known once they are got:
  /// the driver tells their sizes (CUDA 12.4), and a mangled name the types. Throws ArgumentError for what is no ELF file.
  [[nodiscard]] static SourceModule from_cubin(std::string cubin);

  /// A kernel by its plain name ("add", "ns::add"), name expression ("scale<float>"), full signature
  /// ("add(float*, int)") or lowered name ("_Z3addPfi").
  /// Throws ArgumentError when there is none (names the nearest) or more than one (names them all); LoadError without
  /// a driver; DriverError when the driver refuses the code, with both versions when the PTX is too new for it.
  [[nodiscard]] Kernel get_function(std::string_view name) const;
  /// The same for a kernel whose parameters you know: get_function<void(float*, const float*, float, int)>("saxpy").
  /// Throws ArgumentError when it takes others, besides.
  template <class Signature>
  [[nodiscard]] TypedKernel<Signature> get_function(std::string_view name) const {
    return TypedKernel<Signature>(get_function(name));
  }
  /// A __device__ or __constant__ variable of the current device: where it is and how large. Throws as get_function.
  [[nodiscard]] DeviceSpan get_global(std::string_view name) const;
  /// Loads the code now. Throws LoadError, DriverError.
  void load() const;

  [[nodiscard]] const CompiledCode& code() const noexcept;
  [[nodiscard]] const std::string& ptx() const noexcept { return code().ptx; }
  [[nodiscard]] const std::string& cubin() const noexcept { return code().cubin; }
  [[nodiscard]] const std::string& log() const noexcept { return code().log; }
  [[nodiscard]] const std::vector<KernelInfo>& kernels() const noexcept { return code().kernels; }
  [[nodiscard]] CacheStatus cache_status() const noexcept { return code().cache_status; }
  /// One sentence: why this was a hit, a miss or a bypass.
  [[nodiscard]] const std::string& explain() const noexcept { return code().cache_reason; }

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace cujitsu
