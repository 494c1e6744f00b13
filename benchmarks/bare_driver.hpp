// SPDX-License-Identifier: MIT
// The driver without cujitsu: what launches are compared with. Also linked into a small library for Python.
#pragma once

#include "driver/api.hpp"

#include <cstddef>
#include <string>

struct CUgraph_st;
struct CUgraphExec_st;

namespace cujitsu::bench {

/// A kernel that the bare driver has loaded, and how it is launched. Never unloaded.
struct BareKernel {
  driver::FunctionHandle function = nullptr;  ///< of the primary context
  driver::KernelHandle kernel = nullptr;      ///< the same for every context; cuLaunchKernel takes it as a function
};

struct BareLaunch {
  driver::FunctionHandle function = nullptr;
  unsigned grid = 1;
  unsigned block = 1;
  StreamHandle stream = nullptr;
  void** parameters = nullptr;  ///< borrowed
};

struct BareGraph {
  CUgraphExec_st* exec = nullptr;
  StreamHandle stream = nullptr;
};

/// Functions of a driver that is open, asked of it directly. Opened once and never closed; for any thread whose current
/// context is device 0's primary one, as it is in the thread that opens it. Throws std::runtime_error, which names the
/// call.
class BareDriver {
 public:
  explicit BareDriver(const std::string& path);

  /// `image` is a cubin or PTX.
  [[nodiscard]] BareKernel load(const void* image, const char* name) const;
  void synchronize() const;

  /// Nanoseconds for each of `count` launches.
  [[nodiscard]] double time_launches(const BareLaunch& launch, int count) const;
  void launch(const BareLaunch& launch) const;

  /// A graph of `kernels` launches behind one another, in a stream of its own.
  [[nodiscard]] BareGraph make_graph(BareLaunch launch, int kernels) const;
  /// Nanoseconds for each of `count` launches of the graph, `waiting` for the end of each or of none.
  [[nodiscard]] double time_graph(const BareGraph& graph, int count, bool waiting) const;

  void read(void* host, DevicePointer address, std::size_t bytes) const;
  void write(DevicePointer address, const void* host, std::size_t bytes) const;

 private:
  using Result = driver::Result;
  Result (*cuInit_)(unsigned) = nullptr;
  Result (*cuDevicePrimaryCtxRetain_)(ContextHandle*, driver::DeviceHandle) = nullptr;
  Result (*cuCtxSetCurrent_)(ContextHandle) = nullptr;
  Result (*cuCtxSynchronize_)() = nullptr;
  Result (*cuLibraryLoadData_)(driver::LibraryHandle*, const void*, int*, void**, unsigned, int*, void**,
                               unsigned) = nullptr;
  Result (*cuLibraryGetKernel_)(driver::KernelHandle*, driver::LibraryHandle, const char*) = nullptr;
  Result (*cuKernelGetFunction_)(driver::FunctionHandle*, driver::KernelHandle) = nullptr;
  Result (*cuLaunchKernel_)(driver::FunctionHandle, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                            unsigned, StreamHandle, void**, void**) = nullptr;
  Result (*cuStreamCreateWithPriority_)(StreamHandle*, unsigned, int) = nullptr;
  Result (*cuStreamSynchronize_)(StreamHandle) = nullptr;
  Result (*cuStreamBeginCapture_)(StreamHandle, int) = nullptr;
  Result (*cuStreamEndCapture_)(StreamHandle, CUgraph_st**) = nullptr;
  Result (*cuGraphInstantiateWithFlags_)(CUgraphExec_st**, CUgraph_st*, unsigned long long) = nullptr;
  Result (*cuGraphLaunch_)(CUgraphExec_st*, StreamHandle) = nullptr;
  Result (*cuMemcpyDtoH_)(void*, DevicePointer, std::size_t) = nullptr;
  Result (*cuMemcpyHtoD_)(DevicePointer, const void*, std::size_t) = nullptr;
};

/// Calls, in a function of its own: benchmarks/instructions.py has callgrind count while it runs (--toggle-collect).
extern "C" void cujitsu_counted_region(void (*call)(void*), void* data);

}  // namespace cujitsu::bench
