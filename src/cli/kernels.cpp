// SPDX-License-Identifier: MIT
#include "cli/kernels.hpp"

#include "cli/table.hpp"
#include "cli/text.hpp"

#include <string>

namespace cujitsu::cli {

void print_kernels(Console& console, std::span<const KernelInfo> kernels) {
  if (kernels.empty()) {
    console.out << "No kernels: a __global__ function makes one, a template only with --name-expression.\n";
    return;
  }
  using Align = Table::Align;
  Table table(
      {{"KERNEL"}, {"REGISTERS", Align::right}, {"SHARED", Align::right}, {"LOCAL", Align::right}, {"SIGNATURE"}});
  for (const auto& kernel : kernels)
    table.add({kernel.name, std::to_string(kernel.resources.registers), bytes_text(kernel.resources.shared_bytes),
               bytes_text(kernel.resources.local_bytes), kernel.signature.to_string()});
  table.print(console.out, console.bold);
}

}  // namespace cujitsu::cli
