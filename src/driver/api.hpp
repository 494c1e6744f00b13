// SPDX-License-Identifier: MIT
// The part of the CUDA Driver API that cujitsu uses, declared by ourselves.
//
// The library is built on machines that have no toolkit, so there is no <cuda.h> here. Types and values are the driver's
// published binary interface; tests/unit/driver_abi_test.cpp compares each with the real header where one is installed.
#pragma once

#include <cujitsu/handles.hpp>

#include <cstddef>
#include <cstdint>

struct CUkern_st;
struct CUlib_st;
struct CUmod_st;
struct CUmemPoolHandle_st;
struct CUuserObject_st;

namespace cujitsu::driver {

using Result = int;        // CUresult
using DeviceHandle = int;  // CUdevice
using cujitsu::FunctionHandle;
using KernelHandle = CUkern_st*;
using LibraryHandle = CUlib_st*;
using ModuleHandle = CUmod_st*;
using MemPoolHandle = CUmemPoolHandle_st*;
using UserObjectHandle = CUuserObject_st*;
using HostFunction = void (*)(void* data);  // CUhostFn

struct Uuid {
  unsigned char bytes[16];
};

struct LaunchAttribute {  // CUlaunchAttribute
  union Value {
    struct Cluster {
      unsigned x, y, z;
    };
    char bytes[64];
    int number;
    Cluster cluster;
  };
  int id = 0;
  int padding = 0;
  Value value = {};
};

struct ExtendedLaunchConfig {  // CUlaunchConfig
  unsigned grid_x, grid_y, grid_z;
  unsigned block_x, block_y, block_z;
  unsigned shared;
  StreamHandle stream;
  LaunchAttribute* attributes;
  unsigned attribute_count;
};

/// CUoccupancyB2DSize: dynamic shared memory by block size.
using BlockToShared = std::size_t (*)(int block_size);

/// CUDA_KERNEL_NODE_PARAMS_v1
struct KernelNodeParameters {
  FunctionHandle function;
  unsigned grid_x, grid_y, grid_z;
  unsigned block_x, block_y, block_z;
  unsigned shared;
  void** parameters;
  void** extra;
};

namespace result {
inline constexpr Result success = 0;
inline constexpr Result invalid_value = 1;
inline constexpr Result out_of_memory = 2;
inline constexpr Result not_initialized = 3;
inline constexpr Result deinitialized = 4;
inline constexpr Result stub_library = 34;
inline constexpr Result no_device = 100;
inline constexpr Result invalid_image = 200;
inline constexpr Result invalid_context = 201;
inline constexpr Result no_binary_for_gpu = 209;
inline constexpr Result invalid_ptx = 218;
inline constexpr Result unsupported_ptx_version = 222;
inline constexpr Result illegal_state = 401;
inline constexpr Result invalid_handle = 400;
inline constexpr Result not_found = 500;
inline constexpr Result not_ready = 600;
inline constexpr Result illegal_address = 700;
inline constexpr Result launch_out_of_resources = 701;
inline constexpr Result launch_timeout = 702;
inline constexpr Result assert_failed = 710;
inline constexpr Result hardware_stack_error = 714;
inline constexpr Result illegal_instruction = 715;
inline constexpr Result misaligned_address = 716;
inline constexpr Result invalid_address_space = 717;
inline constexpr Result invalid_pc = 718;
inline constexpr Result launch_failed = 719;
inline constexpr Result cooperative_launch_too_large = 720;
inline constexpr Result not_supported = 801;
inline constexpr Result invalid_cluster_size = 912;
inline constexpr Result capture_unsupported = 900;
inline constexpr Result capture_invalidated = 901;
inline constexpr Result capture_merge = 902;
inline constexpr Result capture_unmatched = 903;
inline constexpr Result capture_unjoined = 904;
inline constexpr Result capture_isolation = 905;
inline constexpr Result capture_implicit = 906;
inline constexpr Result captured_event = 907;
inline constexpr Result capture_wrong_thread = 908;
}  // namespace result

namespace device_attribute {
inline constexpr int max_threads_per_block = 1;
inline constexpr int max_block_dim_x = 2;  // y and z follow
inline constexpr int max_grid_dim_x = 5;   // y and z follow
inline constexpr int multiprocessor_count = 16;
inline constexpr int max_threads_per_multiprocessor = 39;
inline constexpr int compute_capability_major = 75;
inline constexpr int compute_capability_minor = 76;
inline constexpr int max_shared_memory_per_block_optin = 97;
inline constexpr int memory_pools_supported = 115;
}  // namespace device_attribute

namespace function_attribute {
inline constexpr int max_threads_per_block = 0;
inline constexpr int shared_size_bytes = 1;
inline constexpr int const_size_bytes = 2;
inline constexpr int local_size_bytes = 3;
inline constexpr int num_regs = 4;
inline constexpr int ptx_version = 5;
inline constexpr int binary_version = 6;
inline constexpr int max_dynamic_shared_size_bytes = 8;
inline constexpr int non_portable_cluster_size_allowed = 14;
}  // namespace function_attribute

namespace launch_attribute {
inline constexpr int cooperative = 2;
inline constexpr int cluster_dimension = 4;
inline constexpr int programmatic_stream_serialization = 6;
inline constexpr int priority = 8;
}  // namespace launch_attribute

namespace pointer_attribute {
inline constexpr int memory_type = 2;
inline constexpr int is_managed = 8;
inline constexpr int device_ordinal = 9;
}  // namespace pointer_attribute
inline constexpr unsigned memory_type_device = 2;

namespace jit_option {
inline constexpr int error_log_buffer = 5;
inline constexpr int error_log_buffer_size_bytes = 6;
}  // namespace jit_option

namespace capture_mode {
inline constexpr int relaxed = 2;
}  // namespace capture_mode

namespace capture_status {
inline constexpr int none = 0;
inline constexpr int active = 1;
}  // namespace capture_status

namespace node_type {
inline constexpr int kernel = 0;
inline constexpr int graph = 4;
inline constexpr int conditional = 13;
}  // namespace node_type

inline constexpr unsigned stream_non_blocking = 1;
inline constexpr unsigned event_blocking_sync = 1;
inline constexpr unsigned event_disable_timing = 2;
inline constexpr unsigned mem_host_alloc_portable = 1;
inline constexpr int mempool_attribute_release_threshold = 4;
inline constexpr unsigned user_object_no_destructor_sync = 1;
inline constexpr std::uint64_t get_proc_address_default = 0;

}  // namespace cujitsu::driver
