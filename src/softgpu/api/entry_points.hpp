// SPDX-License-Identifier: MIT
// The exported functions, declared from symbols.inc, so that a definition with other parameters does not compile.
#pragma once

#include "softgpu/api/types.hpp"

#define CUJITSU_SOFTGPU_EXPORT __attribute__((visibility("default")))

namespace cujitsu::softgpu::api {

extern "C" {
#define ENTRY(name, symbol, version, parameters) CUJITSU_SOFTGPU_EXPORT Result symbol parameters;
#define STREAM_ENTRY(name, symbol, twin, version, parameters, arguments) \
  CUJITSU_SOFTGPU_EXPORT Result symbol parameters;                       \
  CUJITSU_SOFTGPU_EXPORT Result twin parameters;
#include "softgpu/api/symbols.inc"
#undef ENTRY
#undef STREAM_ENTRY
}

}  // namespace cujitsu::softgpu::api
