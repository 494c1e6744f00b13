// SPDX-License-Identifier: MIT
// Where graphs and kernels meet; the rest of the graphs knows nothing of modules.
#include "driver/context.hpp"

#include <cujitsu/graph.hpp>
#include <cujitsu/kernel.hpp>

namespace cujitsu {

void GraphExec::update(const KernelNode& node, const BoundLaunch& launch) {
  driver::ensure_context();
  set_parameters(node, launch.function(), launch.config(), launch.parameters());
}

}  // namespace cujitsu
