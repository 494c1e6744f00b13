// SPDX-License-Identifier: MIT
// The driver's opaque handles, declared without <cuda.h>.
//
// They are pointers to incomplete structs with the driver's own tags, so a CUstream from a user's cuda.h converts to
// StreamHandle without a cast, and a program needs no CUDA toolkit to compile against cujitsu.
#pragma once

struct CUctx_st;
struct CUevent_st;
struct CUfunc_st;
struct CUgraph_st;
struct CUgraphExec_st;
struct CUgraphNode_st;
struct CUstream_st;

namespace cujitsu {

using ContextHandle = CUctx_st*;
using EventHandle = CUevent_st*;
using FunctionHandle = CUfunc_st*;
using GraphHandle = CUgraph_st*;
using GraphExecHandle = CUgraphExec_st*;
using GraphNodeHandle = CUgraphNode_st*;
using StreamHandle = CUstream_st*;

/// An address in device memory: the driver's CUdeviceptr.
using DevicePointer = unsigned long long;

}  // namespace cujitsu
