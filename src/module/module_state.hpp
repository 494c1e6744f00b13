// SPDX-License-Identifier: MIT
// What SourceModule and its kernels share.
#pragma once

#include "module/loader.hpp"

#include <cujitsu/kernel.hpp>
#include <cujitsu/source_module.hpp>

#include <memory>
#include <utility>

namespace cujitsu {

struct SourceModule::State {
  explicit State(CompiledCode compiled) : code(std::move(compiled)), loader(code) {}

  CompiledCode code;
  CodeLoader loader;
};

/// Looks the kernel up in the driver, for the current context.
[[nodiscard]] Kernel make_kernel(std::shared_ptr<SourceModule::State> module, const KernelInfo& info);

}  // namespace cujitsu
