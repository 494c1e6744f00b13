// SPDX-License-Identifier: MIT
// Our declarations of the driver's interface against the real header, where a toolkit is installed.
#include "support/catch.hpp"

#if __has_include(<cuda.h>)
#include "driver/api.hpp"

#include <cujitsu/graph.hpp>

#include <cuda.h>

#include <cstddef>
#include <type_traits>

namespace d = cujitsu::driver;

static_assert(std::is_same_v<CUstream, cujitsu::StreamHandle>);
static_assert(std::is_same_v<CUevent, cujitsu::EventHandle>);
static_assert(std::is_same_v<CUcontext, cujitsu::ContextHandle>);
static_assert(std::is_same_v<CUdeviceptr, cujitsu::DevicePointer>);
static_assert(std::is_same_v<CUdevice, d::DeviceHandle>);
static_assert(std::is_same_v<CUfunction, d::FunctionHandle>);
static_assert(std::is_same_v<CUkernel, d::KernelHandle>);
static_assert(std::is_same_v<CUlibrary, d::LibraryHandle>);
static_assert(std::is_same_v<CUmodule, d::ModuleHandle>);
static_assert(std::is_same_v<CUmemoryPool, d::MemPoolHandle>);
static_assert(std::is_same_v<CUgraph, cujitsu::GraphHandle>);
static_assert(std::is_same_v<CUgraphExec, cujitsu::GraphExecHandle>);
static_assert(std::is_same_v<CUgraphNode, cujitsu::GraphNodeHandle>);
static_assert(std::is_same_v<CUuserObject, d::UserObjectHandle>);
static_assert(std::is_same_v<CUhostFn, d::HostFunction>);
static_assert(sizeof(CUDA_KERNEL_NODE_PARAMS_v1) == sizeof(d::KernelNodeParameters));
static_assert(offsetof(CUDA_KERNEL_NODE_PARAMS_v1, gridDimX) == offsetof(d::KernelNodeParameters, grid_x));
static_assert(offsetof(CUDA_KERNEL_NODE_PARAMS_v1, sharedMemBytes) == offsetof(d::KernelNodeParameters, shared));
static_assert(offsetof(CUDA_KERNEL_NODE_PARAMS_v1, kernelParams) == offsetof(d::KernelNodeParameters, parameters));
static_assert(offsetof(CUDA_KERNEL_NODE_PARAMS_v1, extra) == offsetof(d::KernelNodeParameters, extra));
static_assert(sizeof(CUuuid) == sizeof(d::Uuid));
static_assert(sizeof(CUlaunchAttribute) == sizeof(d::LaunchAttribute));
static_assert(offsetof(CUlaunchAttribute, value) == offsetof(d::LaunchAttribute, value));
static_assert(sizeof(CUlaunchConfig) == sizeof(d::ExtendedLaunchConfig));
static_assert(offsetof(CUlaunchConfig, sharedMemBytes) == offsetof(d::ExtendedLaunchConfig, shared));
static_assert(offsetof(CUlaunchConfig, hStream) == offsetof(d::ExtendedLaunchConfig, stream));
static_assert(offsetof(CUlaunchConfig, attrs) == offsetof(d::ExtendedLaunchConfig, attributes));
static_assert(offsetof(CUlaunchConfig, numAttrs) == offsetof(d::ExtendedLaunchConfig, attribute_count));
static_assert(sizeof(CUresult) == sizeof(d::Result));

TEST_CASE("our driver constants have the values of cuda.h") {
  CHECK(CUDA_ERROR_INVALID_VALUE == d::result::invalid_value);
  CHECK(CUDA_ERROR_OUT_OF_MEMORY == d::result::out_of_memory);
  CHECK(CUDA_ERROR_NOT_INITIALIZED == d::result::not_initialized);
  CHECK(CUDA_ERROR_DEINITIALIZED == d::result::deinitialized);
  CHECK(CUDA_ERROR_STUB_LIBRARY == d::result::stub_library);
  CHECK(CUDA_ERROR_NO_DEVICE == d::result::no_device);
  CHECK(CUDA_ERROR_INVALID_IMAGE == d::result::invalid_image);
  CHECK(CUDA_ERROR_INVALID_CONTEXT == d::result::invalid_context);
  CHECK(CUDA_ERROR_NO_BINARY_FOR_GPU == d::result::no_binary_for_gpu);
  CHECK(CUDA_ERROR_INVALID_PTX == d::result::invalid_ptx);
  CHECK(CUDA_ERROR_UNSUPPORTED_PTX_VERSION == d::result::unsupported_ptx_version);
  CHECK(CUDA_ERROR_INVALID_HANDLE == d::result::invalid_handle);
  CHECK(CUDA_ERROR_NOT_FOUND == d::result::not_found);
  CHECK(CUDA_ERROR_NOT_READY == d::result::not_ready);
  CHECK(CUDA_ERROR_ILLEGAL_ADDRESS == d::result::illegal_address);
  CHECK(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES == d::result::launch_out_of_resources);
  CHECK(CUDA_ERROR_LAUNCH_TIMEOUT == d::result::launch_timeout);
  CHECK(CUDA_ERROR_ASSERT == d::result::assert_failed);
  CHECK(CUDA_ERROR_HARDWARE_STACK_ERROR == d::result::hardware_stack_error);
  CHECK(CUDA_ERROR_ILLEGAL_INSTRUCTION == d::result::illegal_instruction);
  CHECK(CUDA_ERROR_MISALIGNED_ADDRESS == d::result::misaligned_address);
  CHECK(CUDA_ERROR_INVALID_ADDRESS_SPACE == d::result::invalid_address_space);
  CHECK(CUDA_ERROR_INVALID_PC == d::result::invalid_pc);
  CHECK(CUDA_ERROR_LAUNCH_FAILED == d::result::launch_failed);
  CHECK(CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE == d::result::cooperative_launch_too_large);
  CHECK(CUDA_ERROR_NOT_SUPPORTED == d::result::not_supported);
  CHECK(CUDA_ERROR_INVALID_CLUSTER_SIZE == d::result::invalid_cluster_size);
  CHECK(CU_LAUNCH_ATTRIBUTE_COOPERATIVE == d::launch_attribute::cooperative);
  CHECK(CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION == d::launch_attribute::cluster_dimension);
  CHECK(CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION ==
        d::launch_attribute::programmatic_stream_serialization);
  CHECK(CU_LAUNCH_ATTRIBUTE_PRIORITY == d::launch_attribute::priority);
  CHECK(CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED ==
        d::function_attribute::non_portable_cluster_size_allowed);
  CHECK(CUDA_ERROR_ILLEGAL_STATE == d::result::illegal_state);
  CHECK(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED == d::result::capture_unsupported);
  CHECK(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED == d::result::capture_invalidated);
  CHECK(CUDA_ERROR_STREAM_CAPTURE_MERGE == d::result::capture_merge);
  CHECK(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED == d::result::capture_unmatched);
  CHECK(CUDA_ERROR_STREAM_CAPTURE_UNJOINED == d::result::capture_unjoined);
  CHECK(CUDA_ERROR_STREAM_CAPTURE_ISOLATION == d::result::capture_isolation);
  CHECK(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT == d::result::capture_implicit);
  CHECK(CUDA_ERROR_CAPTURED_EVENT == d::result::captured_event);
  CHECK(CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD == d::result::capture_wrong_thread);

  CHECK(CU_STREAM_CAPTURE_MODE_GLOBAL == static_cast<int>(cujitsu::CaptureMode::global));
  CHECK(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL == static_cast<int>(cujitsu::CaptureMode::thread_local_));
  CHECK(CU_STREAM_CAPTURE_MODE_RELAXED == static_cast<int>(cujitsu::CaptureMode::relaxed));
  CHECK(CU_STREAM_CAPTURE_MODE_RELAXED == d::capture_mode::relaxed);
  CHECK(CU_STREAM_CAPTURE_STATUS_NONE == d::capture_status::none);
  CHECK(CU_STREAM_CAPTURE_STATUS_ACTIVE == d::capture_status::active);
  CHECK(CU_GRAPH_NODE_TYPE_KERNEL == d::node_type::kernel);
  CHECK(CU_GRAPH_NODE_TYPE_GRAPH == d::node_type::graph);
  CHECK(CU_USER_OBJECT_NO_DESTRUCTOR_SYNC == d::user_object_no_destructor_sync);

  CHECK(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK == d::device_attribute::max_threads_per_block);
  CHECK(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X == d::device_attribute::max_block_dim_x);
  CHECK(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z == d::device_attribute::max_block_dim_x + 2);
  CHECK(CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X == d::device_attribute::max_grid_dim_x);
  CHECK(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT == d::device_attribute::multiprocessor_count);
  CHECK(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR == d::device_attribute::max_threads_per_multiprocessor);
  CHECK(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR == d::device_attribute::compute_capability_major);
  CHECK(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR == d::device_attribute::compute_capability_minor);
  CHECK(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN ==
        d::device_attribute::max_shared_memory_per_block_optin);
  CHECK(CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED == d::device_attribute::memory_pools_supported);

  CHECK(CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK == d::function_attribute::max_threads_per_block);
  CHECK(CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES == d::function_attribute::shared_size_bytes);
  CHECK(CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES == d::function_attribute::const_size_bytes);
  CHECK(CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES == d::function_attribute::local_size_bytes);
  CHECK(CU_FUNC_ATTRIBUTE_NUM_REGS == d::function_attribute::num_regs);
  CHECK(CU_FUNC_ATTRIBUTE_PTX_VERSION == d::function_attribute::ptx_version);
  CHECK(CU_FUNC_ATTRIBUTE_BINARY_VERSION == d::function_attribute::binary_version);
  CHECK(CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES == d::function_attribute::max_dynamic_shared_size_bytes);

  CHECK(CU_POINTER_ATTRIBUTE_MEMORY_TYPE == d::pointer_attribute::memory_type);
  CHECK(CU_POINTER_ATTRIBUTE_IS_MANAGED == d::pointer_attribute::is_managed);
  CHECK(CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL == d::pointer_attribute::device_ordinal);
  CHECK(CU_MEMORYTYPE_DEVICE == d::memory_type_device);

  CHECK(CU_JIT_ERROR_LOG_BUFFER == d::jit_option::error_log_buffer);
  CHECK(CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES == d::jit_option::error_log_buffer_size_bytes);
  CHECK(CU_STREAM_NON_BLOCKING == d::stream_non_blocking);
  CHECK(CU_EVENT_BLOCKING_SYNC == d::event_blocking_sync);
  CHECK(CU_EVENT_DISABLE_TIMING == d::event_disable_timing);
  CHECK(CU_MEMHOSTALLOC_PORTABLE == d::mem_host_alloc_portable);
  CHECK(CU_MEMPOOL_ATTR_RELEASE_THRESHOLD == d::mempool_attribute_release_threshold);
}
#else
TEST_CASE("our driver constants have the values of cuda.h") { CUJITSU_SKIP("there is no cuda.h to compare with"); }
#endif
