// SPDX-License-Identifier: MIT
// A CUDA driver that executes nothing, for the paths that a machine without a GPU, or with a healthy one, never takes.
#include "support/fake_driver.hpp"

#include "driver/api.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

using namespace cujitsu;          // NOLINT: the handles, in a file that is all about them
using namespace cujitsu::driver;  // NOLINT

namespace {

int number_from(const char* variable, int standard) {
  const char* text = std::getenv(variable);
  return text != nullptr && *text != '\0' ? std::atoi(text) : standard;
}

struct Fake {
  std::mutex mutex;
  std::map<std::string, std::pair<int, int>> failures;  // function -> code, how often yet
  std::map<std::string, int> calls;
  std::map<void*, std::size_t> memory;
  std::map<void*, int> memory_devices;  // of what cuMemAlloc and cuMemAllocAsync have given
  unsigned char* argument_bytes = nullptr;
  std::vector<std::size_t> argument_sizes;
  std::vector<LaunchAttribute> attributes;
  StreamHandle captured = nullptr;
  FunctionHandle launched = nullptr;
  int broken = 0;
  int devices = number_from("FAKE_DRIVER_DEVICES", 1);
  int version = number_from("FAKE_DRIVER_VERSION", 13000);
  std::uintptr_t next_handle = 0x1000;
};

Fake& fake() {
  static auto* instance = new Fake;
  return *instance;
}

thread_local std::vector<ContextHandle> context_stack;

/// Counts the call, and says what it must return if it is to fail.
Result enter(const char* function) {
  auto& it = fake();
  ++it.calls[function];
  if (const char* path = std::getenv("FAKE_DRIVER_LOG"))
    if (std::FILE* log = std::fopen(path, "a")) {
      std::fprintf(log, "%s\n", function);
      std::fclose(log);
    }
  const auto failure = it.failures.find(function);
  if (failure != it.failures.end() && failure->second.second > 0) {
    --failure->second.second;
    return failure->second.first;
  }
  return it.broken;
}

template <class Handle>
Handle new_handle() {
  return reinterpret_cast<Handle>(fake().next_handle += 16);
}

Result allocate(void** data, std::size_t bytes) {
  *data = std::malloc(bytes);
  if (*data == nullptr) return result::out_of_memory;
  fake().memory[*data] = bytes;
  return result::success;
}

int current_device() {
  return context_stack.empty() ? 0 : static_cast<int>(reinterpret_cast<std::uintptr_t>(context_stack.back()) - 0x100);
}

Result allocate_on_device(DevicePointer* address, std::size_t bytes) {
  void* data = nullptr;
  const auto code = allocate(&data, bytes);
  if (code == result::success) fake().memory_devices[data] = current_device();
  *address = reinterpret_cast<std::uintptr_t>(data);
  return code;
}

Result release(void* data) {
  if (fake().memory.erase(data) == 0) return result::invalid_value;
  fake().memory_devices.erase(data);
  std::free(data);
  return result::success;
}

void* host(DevicePointer address) { return reinterpret_cast<void*>(static_cast<std::uintptr_t>(address)); }

template <class T>
void fill(DevicePointer destination, T value, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    std::memcpy(static_cast<char*>(host(destination)) + i * sizeof(T), &value, sizeof(T));
}

#define ENTER(name)                         \
  const std::lock_guard lock(fake().mutex); \
  if (const Result failure = enter(#name); failure != result::success) return failure

Result fake_cuInit(unsigned) {
  ENTER(cuInit);
  return number_from("FAKE_DRIVER_INIT", 0);
}
Result fake_cuDriverGetVersion(int* version) {
  ENTER(cuDriverGetVersion);
  *version = fake().version;
  return result::success;
}
const char* name_of(Result error) {
  switch (error) {
    case result::invalid_value: return "CUDA_ERROR_INVALID_VALUE";
    case result::out_of_memory: return "CUDA_ERROR_OUT_OF_MEMORY";
    case result::stub_library: return "CUDA_ERROR_STUB_LIBRARY";
    case result::no_device: return "CUDA_ERROR_NO_DEVICE";
    case result::no_binary_for_gpu: return "CUDA_ERROR_NO_BINARY_FOR_GPU";
    case result::unsupported_ptx_version: return "CUDA_ERROR_UNSUPPORTED_PTX_VERSION";
    case result::illegal_address: return "CUDA_ERROR_ILLEGAL_ADDRESS";
    default: return nullptr;
  }
}
Result fake_cuGetErrorName(Result error, const char** text) {
  *text = name_of(error);
  return *text != nullptr ? result::success : result::invalid_value;
}
Result fake_cuGetErrorString(Result error, const char** text) {
  *text = "the fake driver says so";
  return name_of(error) != nullptr ? result::success : result::invalid_value;
}

Result fake_cuDeviceGet(DeviceHandle* device, int ordinal) {
  ENTER(cuDeviceGet);
  *device = ordinal;
  return result::success;
}
Result fake_cuDeviceGetCount(int* count) {
  ENTER(cuDeviceGetCount);
  *count = fake().devices;
  return result::success;
}
Result fake_cuDeviceGetName(char* name, int size, DeviceHandle device) {
  ENTER(cuDeviceGetName);
  std::snprintf(name, static_cast<std::size_t>(size), "fake device %d", device);
  return result::success;
}
Result fake_cuDeviceGetAttribute(int* value, int attribute, DeviceHandle device) {
  ENTER(cuDeviceGetAttribute);
  switch (attribute) {
    case device_attribute::compute_capability_major: *value = device % 2 == 0 ? 9 : 8; break;
    case device_attribute::compute_capability_minor: *value = 0; break;
    case device_attribute::max_threads_per_block: *value = 1024; break;
    case device_attribute::max_threads_per_multiprocessor: *value = 2048; break;
    case device_attribute::multiprocessor_count: *value = 4; break;
    case device_attribute::max_shared_memory_per_block_optin: *value = 232448; break;
    case device_attribute::memory_pools_supported: *value = 1; break;
    case 2:
    case 3: *value = 1024; break;
    case 4: *value = 64; break;
    case 5: *value = 2147483647; break;
    case 6:
    case 7: *value = 65535; break;
    default: return result::invalid_value;
  }
  return result::success;
}
Result fake_cuDeviceTotalMem(std::size_t* bytes, DeviceHandle) {
  ENTER(cuDeviceTotalMem);
  *bytes = std::size_t{1} << 30;
  return result::success;
}
Result fake_cuDeviceGetPCIBusId(char* text, int size, DeviceHandle device) {
  ENTER(cuDeviceGetPCIBusId);
  std::snprintf(text, static_cast<std::size_t>(size), "0000:%02x:00.0", device);
  return result::success;
}
Result fake_cuDeviceGetUuid(Uuid* uuid, DeviceHandle device) {
  ENTER(cuDeviceGetUuid);
  for (int i = 0; i < 16; ++i) uuid->bytes[i] = static_cast<unsigned char>(i + 16 * device);
  return result::success;
}
Result fake_cuDevicePrimaryCtxRetain(ContextHandle* context, DeviceHandle device) {
  ENTER(cuDevicePrimaryCtxRetain);
  *context = reinterpret_cast<ContextHandle>(static_cast<std::uintptr_t>(0x100 + device));
  return result::success;
}

Result fake_cuCtxGetCurrent(ContextHandle* context) {
  *context = context_stack.empty() ? nullptr : context_stack.back();
  return result::success;
}
Result fake_cuCtxSetCurrent(ContextHandle context) {
  ENTER(cuCtxSetCurrent);
  if (!context_stack.empty()) context_stack.pop_back();
  if (context != nullptr) context_stack.push_back(context);
  return result::success;
}
Result fake_cuCtxPushCurrent(ContextHandle context) {
  context_stack.push_back(context);
  return result::success;
}
Result fake_cuCtxPopCurrent(ContextHandle* context) {
  if (context_stack.empty()) return result::invalid_context;
  *context = context_stack.back();
  context_stack.pop_back();
  return result::success;
}
Result fake_cuCtxGetDevice(DeviceHandle* device) {
  if (context_stack.empty()) return result::invalid_context;
  *device = current_device();
  return result::success;
}
Result fake_cuCtxSynchronize() {
  ENTER(cuCtxSynchronize);
  return result::success;
}

Result fake_cuMemGetInfo(std::size_t* free, std::size_t* total) {
  ENTER(cuMemGetInfo);
  *free = std::size_t{512} << 20;
  *total = std::size_t{1} << 30;
  return result::success;
}
Result fake_cuMemAlloc(DevicePointer* address, std::size_t bytes) {
  ENTER(cuMemAlloc);
  if (bytes > std::size_t{1} << 30) return result::out_of_memory;
  return allocate_on_device(address, bytes);
}
Result fake_cuMemFree(DevicePointer address) {
  ENTER(cuMemFree);
  return release(host(address));
}
Result fake_cuPointerGetAttributes(unsigned count, int* attributes, void** values, DevicePointer address) {
  ENTER(cuPointerGetAttributes);
  // The block that the address lies in, where there is one.
  auto block = fake().memory.upper_bound(host(address));
  const bool is_known = block != fake().memory.begin() &&
                        static_cast<char*>(host(address)) < static_cast<char*>((--block)->first) + block->second;
  const auto device = is_known ? fake().memory_devices.find(block->first) : fake().memory_devices.end();
  for (unsigned i = 0; i < count; ++i) {
    auto* value = static_cast<int*>(values[i]);
    switch (attributes[i]) {
      case pointer_attribute::memory_type:
        *value = !is_known ? 0 : device == fake().memory_devices.end() ? 1 : 2;
        break;
      case pointer_attribute::is_managed: *value = 0; break;
      case pointer_attribute::device_ordinal:
        *value = device == fake().memory_devices.end() ? -2 : device->second;
        break;
      default: return result::invalid_value;
    }
  }
  return result::success;
}
Result fake_cuMemHostAlloc(void** data, std::size_t bytes, unsigned) {
  ENTER(cuMemHostAlloc);
  return allocate(data, bytes);
}
Result fake_cuMemFreeHost(void* data) {
  ENTER(cuMemFreeHost);
  return release(data);
}
Result fake_cuMemcpyHtoD(DevicePointer destination, const void* source, std::size_t bytes) {
  ENTER(cuMemcpyHtoD);
  std::memcpy(host(destination), source, bytes);
  return result::success;
}
Result fake_cuMemcpyDtoH(void* destination, DevicePointer source, std::size_t bytes) {
  ENTER(cuMemcpyDtoH);
  std::memcpy(destination, host(source), bytes);
  return result::success;
}
Result fake_cuMemcpyDtoD(DevicePointer destination, DevicePointer source, std::size_t bytes) {
  ENTER(cuMemcpyDtoD);
  std::memmove(host(destination), host(source), bytes);
  return result::success;
}
Result fake_cuMemcpyHtoDAsync(DevicePointer destination, const void* source, std::size_t bytes, StreamHandle) {
  ENTER(cuMemcpyHtoDAsync);
  std::memcpy(host(destination), source, bytes);
  return result::success;
}
Result fake_cuMemcpyDtoHAsync(void* destination, DevicePointer source, std::size_t bytes, StreamHandle) {
  ENTER(cuMemcpyDtoHAsync);
  std::memcpy(destination, host(source), bytes);
  return result::success;
}
Result fake_cuMemcpyDtoDAsync(DevicePointer destination, DevicePointer source, std::size_t bytes, StreamHandle) {
  ENTER(cuMemcpyDtoDAsync);
  std::memmove(host(destination), host(source), bytes);
  return result::success;
}
Result fake_cuMemsetD8(DevicePointer destination, unsigned char value, std::size_t count) {
  ENTER(cuMemsetD8);
  fill(destination, value, count);
  return result::success;
}
Result fake_cuMemsetD16(DevicePointer destination, unsigned short value, std::size_t count) {
  ENTER(cuMemsetD16);
  fill(destination, value, count);
  return result::success;
}
Result fake_cuMemsetD32(DevicePointer destination, unsigned value, std::size_t count) {
  ENTER(cuMemsetD32);
  fill(destination, value, count);
  return result::success;
}
Result fake_cuMemsetD8Async(DevicePointer destination, unsigned char value, std::size_t count, StreamHandle) {
  ENTER(cuMemsetD8Async);
  fill(destination, value, count);
  return result::success;
}
Result fake_cuMemsetD16Async(DevicePointer destination, unsigned short value, std::size_t count, StreamHandle) {
  ENTER(cuMemsetD16Async);
  fill(destination, value, count);
  return result::success;
}
Result fake_cuMemsetD32Async(DevicePointer destination, unsigned value, std::size_t count, StreamHandle) {
  ENTER(cuMemsetD32Async);
  fill(destination, value, count);
  return result::success;
}

Result fake_cuStreamCreateWithPriority(StreamHandle* stream, unsigned, int) {
  ENTER(cuStreamCreateWithPriority);
  *stream = new_handle<StreamHandle>();
  return result::success;
}
Result fake_cuStreamDestroy(StreamHandle) {
  ENTER(cuStreamDestroy);
  return result::success;
}
Result fake_cuStreamSynchronize(StreamHandle) {
  ENTER(cuStreamSynchronize);
  return result::success;
}
Result fake_cuStreamQuery(StreamHandle) {
  ENTER(cuStreamQuery);
  return result::success;
}
Result fake_cuStreamWaitEvent(StreamHandle, EventHandle, unsigned) {
  ENTER(cuStreamWaitEvent);
  return result::success;
}
Result fake_cuEventCreate(EventHandle* event, unsigned) {
  ENTER(cuEventCreate);
  *event = new_handle<EventHandle>();
  return result::success;
}
Result fake_cuEventDestroy(EventHandle) {
  ENTER(cuEventDestroy);
  return result::success;
}
Result fake_cuEventRecord(EventHandle, StreamHandle) {
  ENTER(cuEventRecord);
  return result::success;
}
Result fake_cuEventQuery(EventHandle) {
  ENTER(cuEventQuery);
  return result::success;
}
Result fake_cuEventSynchronize(EventHandle) {
  ENTER(cuEventSynchronize);
  return result::success;
}
Result fake_cuEventElapsedTime(float* milliseconds, EventHandle, EventHandle) {
  ENTER(cuEventElapsedTime);
  *milliseconds = 1;
  return result::success;
}

Result fake_cuModuleLoadDataEx(ModuleHandle* module, const void*, unsigned, int*, void**) {
  ENTER(cuModuleLoadDataEx);
  *module = new_handle<ModuleHandle>();
  return result::success;
}
Result fake_cuModuleUnload(ModuleHandle) {
  ENTER(cuModuleUnload);
  return result::success;
}
Result fake_cuModuleGetFunction(FunctionHandle* function, ModuleHandle, const char*) {
  ENTER(cuModuleGetFunction);
  *function = new_handle<FunctionHandle>();
  return result::success;
}
Result fake_cuModuleGetGlobal(DevicePointer* address, std::size_t* bytes, ModuleHandle, const char*) {
  ENTER(cuModuleGetGlobal);
  static unsigned char variable[64];
  *address = reinterpret_cast<std::uintptr_t>(variable);
  *bytes = sizeof variable;
  return result::success;
}
Result attribute_value(int* value, int attribute) {
  *value = attribute == function_attribute::max_threads_per_block ? 1024
           : attribute == function_attribute::num_regs            ? 32
                                                                  : 0;
  return result::success;
}
Result fake_cuFuncGetAttribute(int* value, int attribute, FunctionHandle) {
  ENTER(cuFuncGetAttribute);
  return attribute_value(value, attribute);
}
Result fake_cuFuncSetAttribute(FunctionHandle, int, int) {
  ENTER(cuFuncSetAttribute);
  return result::success;
}
Result fake_cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, FunctionHandle, int block_size, std::size_t) {
  ENTER(cuOccupancyMaxActiveBlocksPerMultiprocessor);
  *blocks = 2048 / block_size;
  return result::success;
}
Result fake_cuOccupancyMaxPotentialBlockSize(int* min_grid, int* block_size, FunctionHandle, BlockToShared, std::size_t,
                                             int limit) {
  ENTER(cuOccupancyMaxPotentialBlockSize);
  *block_size = limit == 0 ? 768 : limit;
  *min_grid = 8;
  return result::success;
}
void copy_arguments(void** parameters) {
  auto* at = fake().argument_bytes;
  for (std::size_t i = 0; i < fake().argument_sizes.size(); at += fake().argument_sizes[i++])
    std::memcpy(at, parameters[i], fake().argument_sizes[i]);
}
Result launch(FunctionHandle function, std::uint64_t blocks, std::uint64_t threads, void** parameters) {
  if (blocks == 0 || threads == 0 || threads > 1024) return result::invalid_value;
  copy_arguments(parameters);
  fake().launched = function;
  return result::success;
}
Result fake_cuLaunchKernel(FunctionHandle function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                           unsigned block_y, unsigned block_z, unsigned, StreamHandle, void** parameters, void**) {
  ENTER(cuLaunchKernel);
  return launch(function, std::uint64_t{grid_x} * grid_y * grid_z, std::uint64_t{block_x} * block_y * block_z,
                parameters);
}
Result fake_cuLaunchCooperativeKernel(FunctionHandle function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                                      unsigned block_x, unsigned block_y, unsigned block_z, unsigned, StreamHandle,
                                      void** parameters) {
  ENTER(cuLaunchCooperativeKernel);
  return launch(function, std::uint64_t{grid_x} * grid_y * grid_z, std::uint64_t{block_x} * block_y * block_z,
                parameters);
}
Result fake_cuLaunchKernelEx(const ExtendedLaunchConfig* config, FunctionHandle function, void** parameters, void**) {
  ENTER(cuLaunchKernelEx);
  fake().attributes.assign(config->attributes, config->attributes + config->attribute_count);
  return launch(function, std::uint64_t{config->grid_x} * config->grid_y * config->grid_z,
                std::uint64_t{config->block_x} * config->block_y * config->block_z, parameters);
}
Result parameter_info(std::size_t index, std::size_t* offset, std::size_t* size) {
  constexpr std::size_t offsets[] = {0, 8, 12, 16};
  constexpr std::size_t sizes[] = {8, 4, 4, 16};
  if (index >= std::size(sizes)) return result::invalid_value;
  *offset = offsets[index];
  *size = sizes[index];
  return result::success;
}
Result fake_cuKernelGetParamInfo(KernelHandle, std::size_t index, std::size_t* offset, std::size_t* size) {
  ENTER(cuKernelGetParamInfo);
  return parameter_info(index, offset, size);
}
Result fake_cuFuncGetParamInfo(FunctionHandle, std::size_t index, std::size_t* offset, std::size_t* size) {
  ENTER(cuFuncGetParamInfo);
  return parameter_info(index, offset, size);
}

// Capture: one stream at a time, and a graph of two kernels and a host function whatever was queued.
Result fake_cuLaunchHostFunc(StreamHandle, HostFunction function, void* data) {
  {
    ENTER(cuLaunchHostFunc);
    if (fake().captured != nullptr) return result::success;
  }
  function(data);
  return result::success;
}
Result fake_cuStreamBeginCapture(StreamHandle stream, int) {
  ENTER(cuStreamBeginCapture);
  fake().captured = stream;
  return result::success;
}
Result fake_cuStreamEndCapture(StreamHandle stream, GraphHandle* graph) {
  ENTER(cuStreamEndCapture);
  if (fake().captured != stream) return result::illegal_state;
  fake().captured = nullptr;
  *graph = new_handle<GraphHandle>();
  return result::success;
}
Result fake_cuStreamGetCaptureInfo(StreamHandle stream, int* status, std::uint64_t* id, GraphHandle* graph,
                                   const GraphNodeHandle**, std::size_t*) {
  ENTER(cuStreamGetCaptureInfo);
  *status = fake().captured == stream && stream != nullptr ? capture_status::active : capture_status::none;
  *id = 1;
  *graph = nullptr;
  return result::success;
}
Result fake_cuThreadExchangeStreamCaptureMode(int* mode) {
  ENTER(cuThreadExchangeStreamCaptureMode);
  static thread_local int current = 0;
  std::swap(current, *mode);
  return result::success;
}
constexpr std::uintptr_t first_node = 0x10;
Result fake_cuGraphGetNodes(GraphHandle, GraphNodeHandle* nodes, std::size_t* count) {
  ENTER(cuGraphGetNodes);
  if (nodes != nullptr)
    for (std::size_t i = 0; i < *count; ++i) nodes[i] = reinterpret_cast<GraphNodeHandle>(first_node + i);
  *count = 3;
  return result::success;
}
Result fake_cuGraphNodeGetType(GraphNodeHandle node, int* type) {
  ENTER(cuGraphNodeGetType);
  *type = reinterpret_cast<std::uintptr_t>(node) - first_node < 2 ? node_type::kernel : 3;
  return result::success;
}
Result fake_cuGraphKernelNodeGetParams(GraphNodeHandle, KernelNodeParameters* parameters) {
  ENTER(cuGraphKernelNodeGetParams);
  *parameters = {};
  parameters->function = fake().launched;
  return result::success;
}
Result fake_cuGraphExecKernelNodeSetParams(GraphExecHandle, GraphNodeHandle, const KernelNodeParameters* parameters) {
  ENTER(cuGraphExecKernelNodeSetParams);
  copy_arguments(parameters->parameters);
  return result::success;
}
Result fake_cuGraphInstantiateWithFlags(GraphExecHandle* exec, GraphHandle, unsigned long long) {
  ENTER(cuGraphInstantiateWithFlags);
  *exec = new_handle<GraphExecHandle>();
  return result::success;
}
Result fake_cuGraphUpload(GraphExecHandle, StreamHandle) {
  ENTER(cuGraphUpload);
  return result::success;
}
Result fake_cuGraphLaunch(GraphExecHandle, StreamHandle) {
  ENTER(cuGraphLaunch);
  return result::success;
}
Result fake_cuGraphDestroy(GraphHandle) {
  ENTER(cuGraphDestroy);
  return result::success;
}
Result fake_cuGraphExecDestroy(GraphExecHandle) {
  ENTER(cuGraphExecDestroy);
  return result::success;
}
// A user object is its destructor: the caller's reference is the only one that counts.
struct FakeUserObject {
  HostFunction destroy;
  void* data;
};
Result fake_cuUserObjectCreate(UserObjectHandle* object, void* data, HostFunction destroy, unsigned, unsigned) {
  ENTER(cuUserObjectCreate);
  *object = reinterpret_cast<UserObjectHandle>(new FakeUserObject{destroy, data});
  return result::success;
}
Result fake_cuUserObjectRelease(UserObjectHandle object, unsigned) {
  ENTER(cuUserObjectRelease);
  const std::unique_ptr<FakeUserObject> it(reinterpret_cast<FakeUserObject*>(object));
  it->destroy(it->data);
  return result::success;
}
Result fake_cuGraphRetainUserObject(GraphHandle, UserObjectHandle, unsigned, unsigned) {
  ENTER(cuGraphRetainUserObject);
  return result::success;
}

Result fake_cuMemAllocAsync(DevicePointer* address, std::size_t bytes, StreamHandle) {
  ENTER(cuMemAllocAsync);
  return allocate_on_device(address, bytes);
}
Result fake_cuMemFreeAsync(DevicePointer address, StreamHandle) {
  ENTER(cuMemFreeAsync);
  return release(host(address));
}
Result fake_cuDeviceGetDefaultMemPool(MemPoolHandle* pool, DeviceHandle) {
  ENTER(cuDeviceGetDefaultMemPool);
  *pool = new_handle<MemPoolHandle>();
  return result::success;
}
Result fake_cuMemPoolSetAttribute(MemPoolHandle, int, void*) {
  ENTER(cuMemPoolSetAttribute);
  return result::success;
}
Result fake_cuLibraryLoadData(LibraryHandle* library, const void*, int*, void**, unsigned, int*, void**, unsigned) {
  ENTER(cuLibraryLoadData);
  *library = new_handle<LibraryHandle>();
  return result::success;
}
Result fake_cuLibraryUnload(LibraryHandle) {
  ENTER(cuLibraryUnload);
  return result::success;
}
Result fake_cuLibraryGetKernel(KernelHandle* kernel, LibraryHandle, const char*) {
  ENTER(cuLibraryGetKernel);
  *kernel = new_handle<KernelHandle>();
  return result::success;
}
Result fake_cuLibraryGetGlobal(DevicePointer* address, std::size_t* bytes, LibraryHandle, const char*) {
  ENTER(cuLibraryGetGlobal);
  static unsigned char variable[64];
  *address = reinterpret_cast<std::uintptr_t>(variable);
  *bytes = sizeof variable;
  return result::success;
}
Result fake_cuKernelGetFunction(FunctionHandle* function, KernelHandle kernel) {
  ENTER(cuKernelGetFunction);
  *function = reinterpret_cast<FunctionHandle>(kernel);
  return result::success;
}
Result fake_cuKernelGetAttribute(int* value, int attribute, KernelHandle, DeviceHandle) {
  ENTER(cuKernelGetAttribute);
  return attribute_value(value, attribute);
}
Result fake_cuKernelSetAttribute(int, int, KernelHandle, DeviceHandle) {
  ENTER(cuKernelSetAttribute);
  return result::success;
}
Result fake_cuLogsCurrent(unsigned* iterator, unsigned) {
  *iterator = 0;
  return result::success;
}
Result fake_cuLogsDumpToMemory(unsigned*, char* buffer, std::size_t* bytes, unsigned) {
  constexpr char text[] = "the fake driver's own log\n";
  std::memcpy(buffer, text, sizeof text);
  *bytes = sizeof text - 1;
  return result::success;
}

struct Symbol {
  const char* name;
  int version;
  void* address;
};

template <class Function>
void* address_of(Function* function) {
  return reinterpret_cast<void*>(function);
}

const Symbol symbols[] = {
#define REQUIRED(name, version, parameters) {#name, version, address_of<Result parameters>(fake_##name)},
#define OPTIONAL(name, version, parameters, feature) {#name, version, address_of<Result parameters>(fake_##name)},
#include "driver/symbols.inc"
#undef REQUIRED
#undef OPTIONAL
};

void control_fail(const char* function, int code, int times) {
  const std::lock_guard lock(fake().mutex);
  fake().failures[function] = {code, times};
}
int control_calls(const char* function) {
  const std::lock_guard lock(fake().mutex);
  return fake().calls[function];
}
void control_record_arguments(void* destination, const std::size_t* sizes, std::size_t count) {
  const std::lock_guard lock(fake().mutex);
  fake().argument_bytes = static_cast<unsigned char*>(destination);
  fake().argument_sizes.assign(sizes, sizes + count);
}
std::size_t control_allocated() {
  const std::lock_guard lock(fake().mutex);
  std::size_t bytes = 0;
  for (const auto& [data, size] : fake().memory) bytes += size;
  return bytes;
}
int control_attribute(int id) {
  const std::lock_guard lock(fake().mutex);
  for (const auto& attribute : fake().attributes)
    if (attribute.id == id) return attribute.value.number;
  return -1;
}
void control_break(int code) {
  const std::lock_guard lock(fake().mutex);
  fake().broken = code;
}
void control_reset() {
  const std::lock_guard lock(fake().mutex);
  fake().failures.clear();
  fake().calls.clear();
  fake().broken = 0;
  fake().captured = nullptr;
  fake().argument_sizes.clear();
  fake().attributes.clear();
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) Result cuGetProcAddress_v2(const char* name, void** address, int version,
                                                                  std::uint64_t, int* status) {
  const char* hidden = std::getenv("FAKE_DRIVER_HIDE");
  *address = nullptr;
  for (const auto& symbol : symbols)
    if (std::strcmp(symbol.name, name) == 0 && symbol.version == version && symbol.version <= fake().version &&
        (hidden == nullptr || std::strcmp(hidden, name) != 0))
      *address = symbol.address;
  if (status != nullptr) *status = *address == nullptr ? 1 : 0;
  return *address == nullptr ? result::not_found : result::success;
}

__attribute__((visibility("default"))) const test::FakeDriverControl* fake_driver_control() {
  static const test::FakeDriverControl control{control_fail,      control_calls, control_record_arguments,
                                               control_allocated, control_break, control_reset,
                                               control_attribute};
  return &control;
}
}
