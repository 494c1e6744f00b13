// SPDX-License-Identifier: MIT
// The kernels of a compile, as a table.
#pragma once

#include "cli/command.hpp"

#include <cujitsu/compiled_code.hpp>

#include <span>

namespace cujitsu::cli {

/// Signatures come last and are never cut: a template's can be longer than any terminal is wide.
void print_kernels(Console& console, std::span<const KernelInfo> kernels);

}  // namespace cujitsu::cli
