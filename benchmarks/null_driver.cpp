// SPDX-License-Identifier: MIT
// A CUDA driver whose calls return success at once, so that what remains of a launch is the host's own cost.
//
// CUJITSU_DRIVER=cuda CUJITSU_LIBCUDA=libcujitsu_null_driver.so opens it. It executes nothing, checks nothing and keeps
// no state: one device of capability 9.0, made-up handles, memory of the host. For any thread. The fake driver of the
// tests (tests/support) is the one that can fail, count and log.
#include "driver/api.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <type_traits>

struct CUgraph_st;
struct CUgraphExec_st;

using namespace cujitsu;          // NOLINT: the handles, in a file that is all about them
using namespace cujitsu::driver;  // NOLINT

namespace {

alignas(64) unsigned char a_handle[64];
alignas(64) unsigned char a_variable[64];

template <class T>
void put(T) noexcept {}

/// A place for a handle: a pointer to a pointer to a struct that nobody has defined.
template <class T>
  requires std::is_class_v<T>
void put(T** handle) noexcept {
  if (handle != nullptr) *handle = reinterpret_cast<T*>(a_handle);
}

/// Any function that makes nothing but handles.
template <class... Arguments>
Result null_call(Arguments... arguments) {
  (put(arguments), ...);
  return result::success;
}

template <class... Arguments>
void* null_call_like(Result (*)(Arguments...)) {
  return reinterpret_cast<void*>(&null_call<Arguments...>);
}

Result allocate(DevicePointer* address, std::size_t bytes) {
  *address = reinterpret_cast<std::uintptr_t>(std::malloc(bytes));
  return *address != 0 ? result::success : result::out_of_memory;
}
Result release(DevicePointer address) {
  std::free(reinterpret_cast<void*>(address));
  return result::success;
}
Result copy(std::uintptr_t destination, std::uintptr_t source, std::size_t bytes) {
  std::memmove(reinterpret_cast<void*>(destination), reinterpret_cast<const void*>(source), bytes);
  return result::success;
}
std::uintptr_t number(DevicePointer address) { return static_cast<std::uintptr_t>(address); }
std::uintptr_t number(const void* address) { return reinterpret_cast<std::uintptr_t>(address); }

template <class To, class From>
Result copy_now(To destination, From source, std::size_t bytes) {
  return copy(number(destination), number(source), bytes);
}
template <class To, class From>
Result copy_in_stream(To destination, From source, std::size_t bytes, StreamHandle) {
  return copy(number(destination), number(source), bytes);
}

template <class T>
Result fill(DevicePointer destination, T value, std::size_t count) {
  auto* at = reinterpret_cast<T*>(destination);
  for (std::size_t i = 0; i < count; ++i) at[i] = value;
  return result::success;
}
template <class T>
Result fill_in_stream(DevicePointer destination, T value, std::size_t count, StreamHandle) {
  return fill(destination, value, count);
}

Result device_attribute_of(int* value, int attribute, DeviceHandle) {
  switch (attribute) {
    case device_attribute::compute_capability_major: *value = 9; break;
    case device_attribute::max_threads_per_block: *value = 1024; break;
    case device_attribute::max_threads_per_multiprocessor: *value = 2048; break;
    case device_attribute::multiprocessor_count: *value = 132; break;
    case device_attribute::max_shared_memory_per_block_optin: *value = 232448; break;
    case device_attribute::max_block_dim_x:
    case device_attribute::max_block_dim_x + 1: *value = 1024; break;
    case device_attribute::max_block_dim_x + 2: *value = 64; break;
    case device_attribute::max_grid_dim_x: *value = 2147483647; break;
    case device_attribute::max_grid_dim_x + 1:
    case device_attribute::max_grid_dim_x + 2: *value = 65535; break;
    default: *value = 0;
  }
  return result::success;
}
Result function_attribute_of(int* value, int attribute) {
  *value = attribute == function_attribute::max_threads_per_block ? 1024 : 0;
  return result::success;
}
Result variable(DevicePointer* address, std::size_t* bytes) {
  if (address != nullptr) *address = number(a_variable);
  if (bytes != nullptr) *bytes = sizeof a_variable;
  return result::success;
}
Result launch(FunctionHandle, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, StreamHandle,
              void**, void**) {
  return result::success;
}

template <class Function>
void* address_of(Function* function) {
  return reinterpret_cast<void*>(function);
}

struct Symbol {
  const char* name;
  void* address;
};

// Those that answer with something other than a handle.
const Symbol answering[] = {
    {"cuLaunchKernel", address_of(launch)},
    {"cuDriverGetVersion", address_of(+[](int* version) {
       *version = 13000;
       return result::success;
     })},
    {"cuGetErrorName", address_of(+[](Result, const char** text) {
       *text = "CUDA_SUCCESS";
       return result::success;
     })},
    {"cuGetErrorString", address_of(+[](Result, const char** text) {
       *text = "the null driver has no errors";
       return result::success;
     })},
    {"cuDeviceGet", address_of(+[](DeviceHandle* device, int ordinal) {
       *device = ordinal;
       return result::success;
     })},
    {"cuDeviceGetCount", address_of(+[](int* count) {
       *count = 1;
       return result::success;
     })},
    {"cuDeviceGetName", address_of(+[](char* name, int size, DeviceHandle) {
       std::snprintf(name, static_cast<std::size_t>(size), "null device");
       return result::success;
     })},
    {"cuDeviceGetAttribute", address_of(device_attribute_of)},
    {"cuDeviceTotalMem", address_of(+[](std::size_t* bytes, DeviceHandle) {
       *bytes = std::size_t{1} << 30;
       return result::success;
     })},
    {"cuDeviceGetPCIBusId", address_of(+[](char* text, int size, DeviceHandle) {
       std::snprintf(text, static_cast<std::size_t>(size), "0000:00:00.0");
       return result::success;
     })},
    {"cuDeviceGetUuid", address_of(+[](Uuid* uuid, DeviceHandle) {
       *uuid = {};
       return result::success;
     })},
    {"cuCtxGetDevice", address_of(+[](DeviceHandle* device) {
       *device = 0;
       return result::success;
     })},
    {"cuMemGetInfo", address_of(+[](std::size_t* free, std::size_t* total) {
       *free = *total = std::size_t{1} << 30;
       return result::success;
     })},
    {"cuMemAlloc", address_of(allocate)},
    {"cuMemAllocAsync",
     address_of(+[](DevicePointer* address, std::size_t bytes, StreamHandle) { return allocate(address, bytes); })},
    {"cuMemFree", address_of(release)},
    {"cuMemFreeAsync", address_of(+[](DevicePointer address, StreamHandle) { return release(address); })},
    {"cuMemHostAlloc", address_of(+[](void** data, std::size_t bytes, unsigned) {
       *data = std::malloc(bytes);
       return *data != nullptr ? result::success : result::out_of_memory;
     })},
    {"cuMemFreeHost", address_of(+[](void* data) {
       std::free(data);
       return result::success;
     })},
    {"cuMemcpyHtoD", address_of(copy_now<DevicePointer, const void*>)},
    {"cuMemcpyDtoH", address_of(copy_now<void*, DevicePointer>)},
    {"cuMemcpyDtoD", address_of(copy_now<DevicePointer, DevicePointer>)},
    {"cuMemcpyHtoDAsync", address_of(copy_in_stream<DevicePointer, const void*>)},
    {"cuMemcpyDtoHAsync", address_of(copy_in_stream<void*, DevicePointer>)},
    {"cuMemcpyDtoDAsync", address_of(copy_in_stream<DevicePointer, DevicePointer>)},
    {"cuMemsetD8", address_of(fill<unsigned char>)},
    {"cuMemsetD16", address_of(fill<unsigned short>)},
    {"cuMemsetD32", address_of(fill<unsigned>)},
    {"cuMemsetD8Async", address_of(fill_in_stream<unsigned char>)},
    {"cuMemsetD16Async", address_of(fill_in_stream<unsigned short>)},
    {"cuMemsetD32Async", address_of(fill_in_stream<unsigned>)},
    {"cuEventElapsedTime", address_of(+[](float* milliseconds, EventHandle, EventHandle) {
       *milliseconds = 0;
       return result::success;
     })},
    {"cuModuleGetGlobal", address_of(+[](DevicePointer* address, std::size_t* bytes, ModuleHandle, const char*) {
       return variable(address, bytes);
     })},
    {"cuLibraryGetGlobal", address_of(+[](DevicePointer* address, std::size_t* bytes, LibraryHandle, const char*) {
       return variable(address, bytes);
     })},
    {"cuFuncGetAttribute",
     address_of(+[](int* value, int attribute, FunctionHandle) { return function_attribute_of(value, attribute); })},
    {"cuKernelGetAttribute", address_of(+[](int* value, int attribute, KernelHandle, DeviceHandle) {
       return function_attribute_of(value, attribute);
     })},
    {"cuOccupancyMaxActiveBlocksPerMultiprocessor",
     address_of(+[](int* blocks, FunctionHandle, int block_size, std::size_t) {
       *blocks = block_size > 0 ? 2048 / block_size : 0;
       return result::success;
     })},
    {"cuStreamIsCapturing", address_of(+[](StreamHandle, int* status) {
       *status = 0;
       return result::success;
     })},
    {"cuLogsCurrent", address_of(+[](unsigned* iterator, unsigned) {
       *iterator = 0;
       return result::success;
     })},
    {"cuLogsDumpToMemory", address_of(+[](unsigned*, char*, std::size_t* bytes, unsigned) {
       *bytes = 0;
       return result::success;
     })},
};

// All that cujitsu calls, and the functions of graphs that the benchmarks call themselves.
const Symbol silent[] = {
#define REQUIRED(name, version, parameters) {#name, null_call_like(static_cast<Result(*) parameters>(nullptr))},
#define OPTIONAL(name, version, parameters, feature) REQUIRED(name, version, parameters)
#include "driver/symbols.inc"
#undef REQUIRED
#undef OPTIONAL
    {"cuStreamBeginCapture", address_of(null_call<StreamHandle, int>)},
    {"cuStreamEndCapture", address_of(null_call<StreamHandle, CUgraph_st**>)},
    {"cuGraphInstantiateWithFlags", address_of(null_call<CUgraphExec_st**, CUgraph_st*, unsigned long long>)},
    {"cuGraphLaunch", address_of(null_call<CUgraphExec_st*, StreamHandle>)},
};

void* find(const char* name) {
  for (const auto& symbol : answering)
    if (std::strcmp(symbol.name, name) == 0) return symbol.address;
  for (const auto& symbol : silent)
    if (std::strcmp(symbol.name, name) == 0) return symbol.address;
  return nullptr;
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) Result cuGetProcAddress_v2(const char* name, void** address, int, std::uint64_t,
                                                                  int* status) {
  *address = find(name);
  if (status != nullptr) *status = *address == nullptr ? 1 : 0;
  return *address == nullptr ? result::not_found : result::success;
}

/// By which the benchmarks know that nothing is executed.
__attribute__((visibility("default"))) int cujitsu_null_driver() { return 1; }
}
