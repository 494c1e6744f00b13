// SPDX-License-Identifier: MIT
#include "softgpu/api/errors.hpp"

#include <utility>

namespace cujitsu::softgpu::api {

void fail(Result code, std::string message) { throw Failure{code, std::move(message)}; }

const char* error_name(Result code) noexcept {
  switch (code) {
#define ERROR(value, name, text) \
  case value: return #name;
#include "softgpu/api/errors.inc"
#undef ERROR
    default: return nullptr;
  }
}

const char* error_text(Result code) noexcept {
  switch (code) {
#define ERROR(value, name, text) \
  case value: return text;
#include "softgpu/api/errors.inc"
#undef ERROR
    default: return nullptr;
  }
}

}  // namespace cujitsu::softgpu::api
