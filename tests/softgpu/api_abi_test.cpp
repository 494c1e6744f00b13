// SPDX-License-Identifier: MIT
// The driver's structs against the real header, where one is installed.
#include "softgpu/api/types.hpp"
#include "support/catch.hpp"

#if __has_include(<cuda.h>)
#include <cuda.h>

namespace api = cujitsu::softgpu::api;

TEST_CASE("structs are laid out as in cuda.h", "[softgpu][api]") {
  STATIC_REQUIRE(sizeof(api::Copy2D) == sizeof(CUDA_MEMCPY2D));
  STATIC_REQUIRE(offsetof(api::Copy2D, destination_pitch) == offsetof(CUDA_MEMCPY2D, dstPitch));
  STATIC_REQUIRE(offsetof(api::Copy2D, width) == offsetof(CUDA_MEMCPY2D, WidthInBytes));
  STATIC_REQUIRE(sizeof(api::Copy3D) == sizeof(CUDA_MEMCPY3D));
  STATIC_REQUIRE(offsetof(api::Copy3D, source_height) == offsetof(CUDA_MEMCPY3D, srcHeight));
  STATIC_REQUIRE(offsetof(api::Copy3D, destination_device) == offsetof(CUDA_MEMCPY3D, dstDevice));
  STATIC_REQUIRE(offsetof(api::Copy3D, depth) == offsetof(CUDA_MEMCPY3D, Depth));
  STATIC_REQUIRE(sizeof(api::LaunchAttribute) == sizeof(CUlaunchAttribute));
  STATIC_REQUIRE(offsetof(api::LaunchAttribute, value) == offsetof(CUlaunchAttribute, value));
  STATIC_REQUIRE(sizeof(api::LaunchConfig) == sizeof(CUlaunchConfig));
  STATIC_REQUIRE(offsetof(api::LaunchConfig, stream) == offsetof(CUlaunchConfig, hStream));
  STATIC_REQUIRE(offsetof(api::LaunchConfig, attribute_count) == offsetof(CUlaunchConfig, numAttrs));
  STATIC_REQUIRE(sizeof(api::PoolProperties) == sizeof(CUmemPoolProps));
  STATIC_REQUIRE(offsetof(api::PoolProperties, max_size) == offsetof(CUmemPoolProps, maxSize));
  STATIC_REQUIRE(sizeof(api::MemoryAccess) == sizeof(CUmemAccessDesc));
  STATIC_REQUIRE(sizeof(api::DeviceProperties) == sizeof(CUdevprop));
  STATIC_REQUIRE(sizeof(api::GraphInstantiateParameters) == sizeof(CUDA_GRAPH_INSTANTIATE_PARAMS));
  STATIC_REQUIRE(sizeof(api::LaunchAttributeValue) == sizeof(CUlaunchAttributeValue));
  STATIC_REQUIRE(sizeof(api::KernelNodeParametersV1) == sizeof(CUDA_KERNEL_NODE_PARAMS_v1));
  STATIC_REQUIRE(offsetof(api::KernelNodeParametersV1, extra) == offsetof(CUDA_KERNEL_NODE_PARAMS_v1, extra));
  STATIC_REQUIRE(sizeof(api::MemsetNodeParameters) == sizeof(CUDA_MEMSET_NODE_PARAMS_v1));
  STATIC_REQUIRE(offsetof(api::MemsetNodeParameters, width) == offsetof(CUDA_MEMSET_NODE_PARAMS_v1, width));
  STATIC_REQUIRE(sizeof(api::HostNodeParameters) == sizeof(CUDA_HOST_NODE_PARAMS_v1));
#if CUDA_VERSION >= 12030
  STATIC_REQUIRE(sizeof(api::KernelNodeParameters) == sizeof(CUDA_KERNEL_NODE_PARAMS_v2));
  STATIC_REQUIRE(offsetof(api::KernelNodeParameters, kernel) == offsetof(CUDA_KERNEL_NODE_PARAMS_v2, kern));
  STATIC_REQUIRE(offsetof(api::KernelNodeParameters, context) == offsetof(CUDA_KERNEL_NODE_PARAMS_v2, ctx));
  STATIC_REQUIRE(sizeof(api::GraphEdge) == sizeof(CUgraphEdgeData));
  STATIC_REQUIRE(sizeof(api::GraphUpdateResult) == sizeof(CUgraphExecUpdateResultInfo));
  STATIC_REQUIRE(offsetof(api::GraphUpdateResult, error_from) == offsetof(CUgraphExecUpdateResultInfo, errorFromNode));
  STATIC_REQUIRE(api::result::graph_update_failure == CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE);
#endif
  STATIC_REQUIRE(sizeof(api::Uuid) == sizeof(CUuuid));
  STATIC_REQUIRE(api::result::cooperative_launch_too_large == CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
  STATIC_REQUIRE(api::result::captured_event == CUDA_ERROR_CAPTURED_EVENT);
  STATIC_REQUIRE(api::result::host_memory_not_registered == CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED);
}
#endif
