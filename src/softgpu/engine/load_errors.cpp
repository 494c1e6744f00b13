// SPDX-License-Identifier: MIT
#include "softgpu/engine/load_errors.hpp"

#include "softgpu/ptx/describe.hpp"

#include <fmt/format.h>

namespace cujitsu::softgpu {

LoadedModule::Error to_error(const ptx::ParseError& error) {
  using Kind = ptx::ParseError::Kind;
  if (error.kind == Kind::not_ptx) return {200, error.what()};
  return {error.kind == Kind::unsupported_version ? 222 : 218, ptx::to_log(error)};
}

LoadedModule::Error to_error(const ptx::LinkError& error) {
  using Kind = ptx::LinkError::Kind;
  const bool is_source = error.kind != Kind::prototype && error.kind != Kind::constants;
  return {is_source ? 300 : 999, fmt::format("error   : {}", error.what())};  // as 580.159.04 answers
}

}  // namespace cujitsu::softgpu
