// SPDX-License-Identifier: MIT
// CUDA C++ in, PTX and machine code out.
#pragma once

#include <cujitsu/compile_options.hpp>
#include <cujitsu/compiled_code.hpp>
#include <cujitsu/export.hpp>
#include <cujitsu/kernel_cache.hpp>

#include <string_view>

namespace cujitsu {

/// Compiles `source`, or takes the result from `cache` (nullptr: always compile, store nothing).
///
/// Needs no device: without one an explicit CompileOptions::arch or the default sm_80 is compiled for. May be called from
/// any thread; NVRTC's front end is serial within a process, its back end is not.
/// Throws CompileError (the source or an option is refused), LoadError (no NVRTC), ArgumentError (an unknown
/// architecture, an empty header name). A cache that fails is a warning in the log, never an exception.
[[nodiscard]] CUJITSU_API CompiledCode compile(std::string_view source, const CompileOptions& options = {},
                                               KernelCache* cache = &KernelCache::standard());

}  // namespace cujitsu
