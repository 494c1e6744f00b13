// SPDX-License-Identifier: MIT
// The driver's binary interface as softgpu implements it: handles, structs and values of CUDA 13.0.
//
// Handles are numbers that look like pointers; nothing is ever read through them (handles.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

namespace cujitsu::softgpu::api {

using Result = int;  // CUresult
using DeviceHandle = int;
using DevicePointer = std::uint64_t;
using ContextHandle = struct ContextTag*;
using StreamHandle = struct StreamTag*;
using EventHandle = struct EventTag*;
using ModuleHandle = struct ModuleTag*;
using FunctionHandle = struct FunctionTag*;
using LibraryHandle = struct LibraryTag*;
using KernelHandle = struct KernelTag*;
using PoolHandle = struct PoolTag*;
using GraphHandle = struct GraphTag*;
using NodeHandle = struct NodeTag*;
using GraphExecHandle = struct GraphExecTag*;
using UserObjectHandle = struct UserObjectTag*;
using LogCallbackHandle = struct LogCallbackTag*;

using HostFunction = void (*)(void* data);
using StreamCallback = void (*)(StreamHandle stream, Result status, void* data);
using BlockToShared = std::size_t (*)(int block_size);
using LogCallback = void (*)(void* data, int level, char* message, std::size_t length);

struct Uuid {
  unsigned char bytes[16];
};

struct DeviceProperties {  // CUdevprop
  int max_threads_per_block;
  int max_threads_dim[3];
  int max_grid_size[3];
  int shared_memory_per_block;
  int total_constant_memory;
  int warp_size;
  int memory_pitch;
  int registers_per_block;
  int clock_rate;
  int texture_align;
};

struct Copy2D {  // CUDA_MEMCPY2D
  std::size_t source_x, source_y;
  int source_type;
  const void* source_host;
  DevicePointer source_device;
  void* source_array;
  std::size_t source_pitch;
  std::size_t destination_x, destination_y;
  int destination_type;
  void* destination_host;
  DevicePointer destination_device;
  void* destination_array;
  std::size_t destination_pitch;
  std::size_t width, height;
};

struct Copy3D {  // CUDA_MEMCPY3D
  std::size_t source_x, source_y, source_z, source_lod;
  int source_type;
  const void* source_host;
  DevicePointer source_device;
  void* source_array;
  void* reserved0;
  std::size_t source_pitch, source_height;
  std::size_t destination_x, destination_y, destination_z, destination_lod;
  int destination_type;
  void* destination_host;
  DevicePointer destination_device;
  void* destination_array;
  void* reserved1;
  std::size_t destination_pitch, destination_height;
  std::size_t width, height, depth;
};

union LaunchAttributeValue {  // CUlaunchAttributeValue
  char bytes[64];
  int cooperative;
  struct {
    unsigned x, y, z;
  } cluster;
  int priority;
  struct {
    unsigned char standard, remote;
  } domains;
  int domain;
  struct {
    EventHandle event;
    int flags;
  } completion;
  unsigned carveout;
};

struct LaunchAttribute {  // CUlaunchAttribute
  int id;
  int padding;
  LaunchAttributeValue value;
};

struct LaunchConfig {  // CUlaunchConfig
  unsigned grid_x, grid_y, grid_z;
  unsigned block_x, block_y, block_z;
  unsigned shared;
  StreamHandle stream;
  LaunchAttribute* attributes;
  unsigned attribute_count;
};

struct MemoryLocation {  // CUmemLocation
  int type;
  int id;
};

struct MemoryAccess {  // CUmemAccessDesc
  MemoryLocation location;
  int flags;
};

struct PoolProperties {  // CUmemPoolProps
  int allocation_type;
  int handle_types;
  MemoryLocation location;
  void* security_attributes;
  std::size_t max_size;
  unsigned short usage;
  unsigned char reserved[54];
};

struct ContextCreateParameters {  // CUctxCreateParams
  void* affinity;
  int affinity_count;
  void* cig;
};

struct GraphInstantiateParameters {  // CUDA_GRAPH_INSTANTIATE_PARAMS
  std::uint64_t flags;
  StreamHandle upload_stream;
  NodeHandle error_node;
  int result;
};

struct KernelNodeParametersV1 {  // CUDA_KERNEL_NODE_PARAMS_v1
  FunctionHandle function;
  unsigned grid_x, grid_y, grid_z;
  unsigned block_x, block_y, block_z;
  unsigned shared;
  void** parameters;
  void** extra;
};

struct KernelNodeParameters {  // CUDA_KERNEL_NODE_PARAMS_v2
  FunctionHandle function;
  unsigned grid_x, grid_y, grid_z;
  unsigned block_x, block_y, block_z;
  unsigned shared;
  void** parameters;
  void** extra;
  KernelHandle kernel;    ///< where there is no function
  ContextHandle context;  ///< of `kernel`; nullptr: the current one
};

struct MemsetNodeParameters {  // CUDA_MEMSET_NODE_PARAMS_v1
  DevicePointer destination;
  std::size_t pitch;
  unsigned value;
  unsigned element_bytes;
  std::size_t width, height;
};

struct HostNodeParameters {  // CUDA_HOST_NODE_PARAMS_v1
  HostFunction function;
  void* data;
};

struct GraphEdge {  // CUgraphEdgeData
  unsigned char from_port, to_port, type, reserved[5];
};

struct GraphUpdateResult {  // CUgraphExecUpdateResultInfo
  int result;
  NodeHandle error_node;
  NodeHandle error_from;
};

namespace result {
inline constexpr Result success = 0;
inline constexpr Result invalid_value = 1;
inline constexpr Result out_of_memory = 2;
inline constexpr Result not_initialized = 3;
inline constexpr Result deinitialized = 4;
inline constexpr Result invalid_device = 101;
inline constexpr Result invalid_image = 200;
inline constexpr Result invalid_context = 201;
inline constexpr Result no_binary_for_gpu = 209;
inline constexpr Result unsupported_limit = 215;
inline constexpr Result peer_access_unsupported = 217;
inline constexpr Result file_not_found = 301;
inline constexpr Result operating_system = 304;
inline constexpr Result invalid_handle = 400;
inline constexpr Result illegal_state = 401;
inline constexpr Result not_found = 500;
inline constexpr Result not_ready = 600;
inline constexpr Result illegal_address = 700;
inline constexpr Result launch_out_of_resources = 701;
inline constexpr Result peer_access_not_enabled = 705;
inline constexpr Result primary_context_active = 708;
inline constexpr Result context_is_destroyed = 709;
inline constexpr Result host_memory_already_registered = 712;
inline constexpr Result host_memory_not_registered = 713;
inline constexpr Result cooperative_launch_too_large = 720;
inline constexpr Result not_permitted = 800;
inline constexpr Result not_supported = 801;
inline constexpr Result capture_unsupported = 900;
inline constexpr Result capture_invalidated = 901;
inline constexpr Result capture_merge = 902;
inline constexpr Result capture_unmatched = 903;
inline constexpr Result capture_unjoined = 904;
inline constexpr Result capture_isolation = 905;
inline constexpr Result capture_implicit = 906;
inline constexpr Result captured_event = 907;
inline constexpr Result capture_wrong_thread = 908;
inline constexpr Result graph_update_failure = 910;
inline constexpr Result unknown = 999;
}  // namespace result

/// What the device claims to be: a small machine of compute capability 8.0.
namespace limits {
inline constexpr int driver_version = 13000;
inline constexpr int capability_major = 8;
inline constexpr int capability_minor = 0;
inline constexpr unsigned warp = 32;
inline constexpr unsigned threads_per_block = 1024;
inline constexpr unsigned block_z = 64;
inline constexpr unsigned grid_x = 0x7fffffff;
inline constexpr unsigned grid_yz = 65535;
inline constexpr unsigned multiprocessors = 8;
inline constexpr unsigned threads_per_multiprocessor = 2048;
inline constexpr unsigned blocks_per_multiprocessor = 32;
inline constexpr unsigned registers = 65536;
inline constexpr unsigned shared_per_block = 49152;
inline constexpr unsigned shared_per_block_optin = 166912;
inline constexpr unsigned shared_per_multiprocessor = 167936;
inline constexpr unsigned shared_reserved = 1024;
inline constexpr unsigned constant_bytes = 65536;
}  // namespace limits

}  // namespace cujitsu::softgpu::api
