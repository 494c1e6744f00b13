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

/// The functions that cujitsu calls; every one is there since NVRTC 11.2.
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
};

/// One loaded library. Any thread may use it.
struct Nvrtc {
  Api api;
  std::string path;
  int major = 0;
  int minor = 0;
  std::vector<std::string> architectures;  ///< "sm_75", …, ascending
};

/// Loads the toolkit's library (once per process for each) with the builtins of the same folder. Throws LoadError.
[[nodiscard]] const Nvrtc& load(const Toolkit& toolkit);

}  // namespace cujitsu::nvrtc
