// SPDX-License-Identifier: MIT
// From a CUresult to an exception.
#pragma once

#include "driver/api.hpp"

#include <string>

namespace cujitsu::driver {

/// Throws the DriverError, OutOfMemoryError or LaunchError that fits. `object` says what the call was for; `advice` is
/// added to the message. The driver's own log text is attached where it keeps one (CUDA 12.9), and the kernel that broke
/// the context where a kernel did.
[[noreturn, gnu::cold]] void raise(Result result, const char* call, const std::string& object = {},
                                   const std::string& advice = {});

inline void check(Result result, const char* call) {
  if (result != result::success) [[unlikely]]
    raise(result, call);
}

/// `describe` makes the object's text; it runs only when the call failed.
template <class Describe>
void check(Result result, const char* call, const Describe& describe) {
  if (result != result::success) [[unlikely]]
    raise(result, call, describe());
}

/// For destructors: writes a warning instead. Silent when a broken context or the exiting driver is the cause.
void report_failure(Result result, const char* call) noexcept;

/// Whether a kernel's fault gives this code, after which the context is lost.
[[nodiscard]] bool is_fault(Result result) noexcept;

/// "CUDA_ERROR_INVALID_VALUE"; "error 12345" for a code that the driver does not know.
[[nodiscard]] std::string error_name(Result result);

}  // namespace cujitsu::driver
