// SPDX-License-Identifier: MIT
// The _ptds and _ptsz entry points: as the others, with the thread's own default stream for stream 0.
#include "softgpu/api/call.hpp"
#include "softgpu/api/entry_points.hpp"

namespace cujitsu::softgpu::api {

extern "C" {
#define ENTRY(name, symbol, version, parameters)
#define STREAM_ENTRY(name, symbol, twin, version, parameters, arguments) \
  Result twin parameters {                                               \
    const PerThreadDefault per_thread;                                   \
    return symbol arguments;                                             \
  }
#include "softgpu/api/symbols.inc"
#undef ENTRY
#undef STREAM_ENTRY
}

}  // namespace cujitsu::softgpu::api
