// SPDX-License-Identifier: MIT
// `cujitsu devices`
#include "cli/devices.hpp"

#include "cli/table.hpp"
#include "cli/text.hpp"

#include <fmt/format.h>

namespace cujitsu::cli {
namespace {

std::string capability_text(ComputeCapability capability) {
  return fmt::format("{}.{}", capability.major, capability.minor);
}

int devices(Console& console, bool json) {
  const auto facts = device_facts();
  if (json)
    print_json(console, {{"driver_version", cuda_version_text(driver_version())}, {"devices", to_json(facts)}});
  else if (facts.empty())
    console.out << "The CUDA driver works, but it shows no device. Does CUDA_VISIBLE_DEVICES hide it?\n";
  else
    print_devices(console, facts);
  return 0;
}

}  // namespace

std::vector<DeviceFacts> device_facts() {
  std::vector<DeviceFacts> result;
  for (const auto& device : Device::all())
    result.push_back({.ordinal = device.ordinal(),
                      .name = device.name(),
                      .compute_capability = device.compute_capability(),
                      .total_memory = device.total_memory(),
                      .multiprocessors = device.multiprocessor_count(),
                      .uuid = device.uuid(),
                      .pci_bus_id = device.pci_bus_id()});
  return result;
}

Json to_json(std::span<const DeviceFacts> devices) {
  Json result = Json::array();
  for (const auto& device : devices)
    result.push_back({{"ordinal", device.ordinal},
                      {"name", device.name},
                      {"compute_capability", capability_text(device.compute_capability)},
                      {"total_memory", device.total_memory},
                      {"multiprocessors", device.multiprocessors},
                      {"uuid", device.uuid},
                      {"pci_bus_id", device.pci_bus_id}});
  return result;
}

void print_devices(Console& console, std::span<const DeviceFacts> devices, std::size_t indent) {
  using Align = Table::Align;
  Table table({{"DEVICE", Align::right},
               {"NAME"},
               {"CAPABILITY", Align::right},
               {"MEMORY", Align::right},
               {"MULTIPROCESSORS", Align::right},
               {"UUID"}});
  for (const auto& device : devices)
    table.add({std::to_string(device.ordinal), device.name, capability_text(device.compute_capability),
               bytes_text(device.total_memory), std::to_string(device.multiprocessors), device.uuid});
  table.print(console.out, console.bold, indent);
}

void add_devices(CLI::App& parent, Invocation& invocation) {
  auto* command = parent.add_subcommand("devices", "Show the CUDA devices of this machine");
  add_json_flag(*command, invocation);
  command->callback([&invocation] {
    invocation.action = [&invocation](Console& console) { return devices(console, invocation.json); };
  });
}

}  // namespace cujitsu::cli
