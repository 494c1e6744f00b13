// SPDX-License-Identifier: MIT
// The driver's result codes as text, and how a call stops with one.
#pragma once

#include "softgpu/api/types.hpp"

#include <string>

namespace cujitsu::softgpu::api {

/// Thrown by the code behind an entry point, which answers `code` and logs `message`.
struct Failure {
  Result code = result::unknown;
  std::string message;
};

[[noreturn]] void fail(Result code, std::string message);

/// "CUDA_ERROR_NOT_FOUND"; nullptr for a number that is no result.
[[nodiscard]] const char* error_name(Result code) noexcept;
[[nodiscard]] const char* error_text(Result code) noexcept;

}  // namespace cujitsu::softgpu::api
