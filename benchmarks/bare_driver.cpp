// SPDX-License-Identifier: MIT
#include "benchmarks/bare_driver.hpp"

#include <dlfcn.h>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace cujitsu::bench {
namespace {

using GetProcAddress = driver::Result (*)(const char*, void**, int, std::uint64_t, int*);

void check(driver::Result result, const char* call) {
  if (result != driver::result::success) [[unlikely]]
    throw std::runtime_error(std::string(call) + " failed with error " + std::to_string(result));
}

template <class Function>
void find(GetProcAddress get, const char* name, int version, Function& function) {
  void* address = nullptr;
  check(get(name, &address, version, driver::get_proc_address_default, nullptr), name);
  function = reinterpret_cast<Function>(address);
}

double nanoseconds_of_each(int count, const auto& call) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i) call();
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count() / count;
}

}  // namespace

BareDriver::BareDriver(const std::string& path) {
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(::dlerror());
  const auto get = reinterpret_cast<GetProcAddress>(::dlsym(library, "cuGetProcAddress_v2"));
  if (get == nullptr) throw std::runtime_error(path + " has no cuGetProcAddress_v2: a driver of CUDA 12 is needed");
  find(get, "cuInit", 2000, cuInit_);
  find(get, "cuDevicePrimaryCtxRetain", 7000, cuDevicePrimaryCtxRetain_);
  find(get, "cuCtxSetCurrent", 4000, cuCtxSetCurrent_);
  find(get, "cuCtxSynchronize", 2000, cuCtxSynchronize_);
  find(get, "cuLibraryLoadData", 12000, cuLibraryLoadData_);
  find(get, "cuLibraryGetKernel", 12000, cuLibraryGetKernel_);
  find(get, "cuKernelGetFunction", 12000, cuKernelGetFunction_);
  find(get, "cuLaunchKernel", 4000, cuLaunchKernel_);
  find(get, "cuStreamCreateWithPriority", 5050, cuStreamCreateWithPriority_);
  find(get, "cuStreamSynchronize", 2000, cuStreamSynchronize_);
  find(get, "cuStreamBeginCapture", 10010, cuStreamBeginCapture_);
  find(get, "cuStreamEndCapture", 10000, cuStreamEndCapture_);
  find(get, "cuGraphInstantiateWithFlags", 11040, cuGraphInstantiateWithFlags_);
  find(get, "cuGraphLaunch", 10000, cuGraphLaunch_);
  find(get, "cuMemcpyDtoH", 3020, cuMemcpyDtoH_);
  find(get, "cuMemcpyHtoD", 3020, cuMemcpyHtoD_);
  check(cuInit_(0), "cuInit");
  ContextHandle context = nullptr;
  check(cuDevicePrimaryCtxRetain_(&context, 0), "cuDevicePrimaryCtxRetain");
  check(cuCtxSetCurrent_(context), "cuCtxSetCurrent");
}

BareKernel BareDriver::load(const void* image, const char* name) const {
  driver::LibraryHandle library = nullptr;
  BareKernel loaded;
  check(cuLibraryLoadData_(&library, image, nullptr, nullptr, 0, nullptr, nullptr, 0), "cuLibraryLoadData");
  check(cuLibraryGetKernel_(&loaded.kernel, library, name), "cuLibraryGetKernel");
  check(cuKernelGetFunction_(&loaded.function, loaded.kernel), "cuKernelGetFunction");
  return loaded;
}

void BareDriver::synchronize() const { check(cuCtxSynchronize_(), "cuCtxSynchronize"); }

void BareDriver::launch(const BareLaunch& it) const {
  check(cuLaunchKernel_(it.function, it.grid, 1, 1, it.block, 1, 1, 0, it.stream, it.parameters, nullptr),
        "cuLaunchKernel");
}

double BareDriver::time_launches(const BareLaunch& it, int count) const {
  return nanoseconds_of_each(count, [&] { launch(it); });
}

BareGraph BareDriver::make_graph(BareLaunch it, int kernels) const {
  constexpr int thread_local_mode = 1;
  BareGraph made;
  check(cuStreamCreateWithPriority_(&made.stream, driver::stream_non_blocking, 0), "cuStreamCreateWithPriority");
  it.stream = made.stream;
  check(cuStreamBeginCapture_(made.stream, thread_local_mode), "cuStreamBeginCapture");
  for (int i = 0; i < kernels; ++i) launch(it);
  CUgraph_st* graph = nullptr;
  check(cuStreamEndCapture_(made.stream, &graph), "cuStreamEndCapture");
  check(cuGraphInstantiateWithFlags_(&made.exec, graph, 0), "cuGraphInstantiateWithFlags");
  return made;
}

double BareDriver::time_graph(const BareGraph& graph, int count, bool waiting) const {
  return nanoseconds_of_each(count, [&] {
    check(cuGraphLaunch_(graph.exec, graph.stream), "cuGraphLaunch");
    if (waiting) check(cuStreamSynchronize_(graph.stream), "cuStreamSynchronize");
  });
}

void BareDriver::read(void* host, DevicePointer address, std::size_t bytes) const {
  check(cuMemcpyDtoH_(host, address, bytes), "cuMemcpyDtoH");
}

void BareDriver::write(DevicePointer address, const void* host, std::size_t bytes) const {
  check(cuMemcpyHtoD_(address, host, bytes), "cuMemcpyHtoD");
}

extern "C" __attribute__((noinline)) void cujitsu_counted_region(void (*call)(void*), void* data) {
  call(data);
  asm volatile("");  // a jump instead of a call would end the function at once
}

}  // namespace cujitsu::bench
