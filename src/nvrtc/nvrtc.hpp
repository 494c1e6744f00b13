// SPDX-License-Identifier: MIT
// The NVRTC library, opened at run time.
#pragma once

#include "nvrtc/toolkit.hpp"

#include <memory>
#include <string>
#include <vector>

struct _nvrtcProgram;  // NOLINT(bugprone-reserved-identifier): NVRTC's own name

namespace cujitsu::nvrtc {

using Result = int;                    // nvrtcResult
using ProgramHandle = _nvrtcProgram*;  // nvrtcProgram

namespace result {
inline constexpr Result success = 0;
inline constexpr Result pch_not_attempted = 13;
inline constexpr Result pch_heap_exhausted = 14;
inline constexpr Result cancelled = 16;
}  // namespace result

/// The functions that cujitsu calls; every one is there since NVRTC 11.2, but for the optional ones at the end.
struct Api {
  Result (*nvrtcVersion)(int* major, int* minor);
  Result (*nvrtcGetNumSupportedArchs)(int* count);
  Result (*nvrtcGetSupportedArchs)(int* archs);
  const char* (*nvrtcGetErrorString)(Result result);
  Result (*nvrtcCreateProgram)(ProgramHandle* program, const char* source, const char* name, int header_count,
                               const char* const* headers, const char* const* header_names);
  Result (*nvrtcDestroyProgram)(ProgramHandle* program);
  Result (*nvrtcAddNameExpression)(ProgramHandle program, const char* expression);
  Result (*nvrtcCompileProgram)(ProgramHandle program, int option_count, const char* const* options);
  Result (*nvrtcGetLoweredName)(ProgramHandle program, const char* expression, const char** lowered_name);
  Result (*nvrtcGetPTXSize)(ProgramHandle program, std::size_t* size);
  Result (*nvrtcGetPTX)(ProgramHandle program, char* ptx);
  Result (*nvrtcGetCUBINSize)(ProgramHandle program, std::size_t* size);
  Result (*nvrtcGetCUBIN)(ProgramHandle program, char* cubin);
  Result (*nvrtcGetProgramLogSize)(ProgramHandle program, std::size_t* size);
  Result (*nvrtcGetProgramLog)(ProgramHandle program, char* log);

  // Since NVRTC 12.8; nullptr before.
  Result (*nvrtcSetFlowCallback)(ProgramHandle program, int (*callback)(void*, void*), void* payload);
  Result (*nvrtcGetPCHHeapSize)(std::size_t* size);
  Result (*nvrtcSetPCHHeapSize)(std::size_t size);
  Result (*nvrtcGetPCHCreateStatus)(ProgramHandle program);
  Result (*nvrtcGetPCHHeapSizeRequired)(ProgramHandle program, std::size_t* size);

  [[nodiscard]] bool has_precompiled_headers() const noexcept {
    return nvrtcGetPCHHeapSize != nullptr && nvrtcSetPCHHeapSize != nullptr && nvrtcGetPCHCreateStatus != nullptr &&
           nvrtcGetPCHHeapSizeRequired != nullptr;
  }
};

/// One loaded library. Any thread may use it.
struct Nvrtc {
  Api api;
  std::string path;
  std::string builtins;  ///< the path that the builtins were opened by
  int major = 0;
  int minor = 0;
  std::vector<std::string> architectures;  ///< "sm_75", …, ascending
};

/// Loads the toolkit's library (once per process for each) with the builtins of the same folder. Throws LoadError.
[[nodiscard]] const Nvrtc& load(const Toolkit& toolkit);

}  // namespace cujitsu::nvrtc
