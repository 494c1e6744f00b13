// SPDX-License-Identifier: MIT
#include "softgpu/engine/checks/describe.hpp"

#include "softgpu/engine/execution.hpp"
#include "softgpu/engine/ops/memory_access.hpp"

#include <fmt/format.h>

namespace cujitsu::softgpu {

const char* text_of(Observation::Kind kind) noexcept {
  switch (kind) {
    case Observation::Kind::read: return "read";
    case Observation::Kind::write: return "write";
    case Observation::Kind::atomic: return "atomic";
    case Observation::Kind::none: break;
  }
  return "access";
}

std::string shared_place(const Launch& launch, std::uint64_t offset) {
  const auto& kernel = *launch.kernel;
  for (const auto& variable : kernel.shared_variables) {
    const auto end = variable.bytes != 0 ? variable.offset + variable.bytes : launch.shared_bytes;
    if (offset >= variable.offset && offset < end)
      return fmt::format("byte {} of '{}' in shared memory", offset - variable.offset, demangled(variable.name));
  }
  return "in shared memory";
}

bool is_wide_register(const Instruction* in) noexcept { return (in->code & access_code::wide_register) != 0; }

}  // namespace cujitsu::softgpu
