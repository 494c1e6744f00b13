// SPDX-License-Identifier: MIT
// `cujitsu doctor`: what works on this machine, what does not, and what to do about it.
#include "cli/devices.hpp"
#include "cli/json.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"

#include <cujitsu/environment.hpp>
#include <cujitsu/errors.hpp>
#include <cujitsu/kernel_cache.hpp>
#include <cujitsu/libraries.hpp>
#include <cujitsu/version.hpp>

#include <fmt/format.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cujitsu::cli {
namespace {

struct Findings {
  DriverReport driver;
  NvrtcReport nvrtc;
  std::vector<DeviceFacts> devices;
  std::string device_error;  ///< why the devices could not be asked; empty when they could
  std::string cache_path;
  std::string cache_disabled;
  CacheStats cache;
  std::vector<std::pair<std::string, std::string>> environment;

  [[nodiscard]] bool can_compile() const noexcept { return nvrtc.usable; }
  [[nodiscard]] bool can_launch() const noexcept { return !devices.empty(); }
};

void ask_devices(Findings& found) {
  try {
    found.devices = device_facts();
  } catch (const Error& error) {
    found.device_error = error.what();
  }
}

Findings examine() {
  Findings found;
  found.driver = driver_report();
  found.nvrtc = nvrtc_report();
  if (found.driver.usable) ask_devices(found);
  const auto& cache = KernelCache::standard();
  found.cache_path = cache.path().string();
  found.cache_disabled = cache.disabled_reason();
  if (found.cache_disabled.empty()) found.cache = cache.stats();
  for (const auto& variable : environment_variables())
    if (auto value = environment_value(variable.name)) found.environment.emplace_back(variable.name, *std::move(value));
  return found;
}

std::string launch_advice(const Findings& found) {
  if (!found.driver.usable)
    return "no usable CUDA driver was found: install NVIDIA's driver on a machine with an NVIDIA GPU";
  if (!found.device_error.empty()) return "the driver could not be asked for its devices: see above";
  return "the driver shows no device: see what nvidia-smi says, and whether CUDA_VISIBLE_DEVICES hides it";
}

std::string compile_advice() {
  std::string advice = "no usable NVRTC was found: ";
  if (environment_value("CUJITSU_NVRTC")) return advice + "unset CUJITSU_NVRTC, or let it name a working libnvrtc";
  advice += "run pip install 'cujitsu[cu13]', or install the CUDA toolkit";
  if (const auto toolkit = environment_value("CUJITSU_TOOLKIT"); toolkit && *toolkit != "auto")
    advice += fmt::format(", or unset CUJITSU_TOOLKIT (now {})", *toolkit);
  return advice;
}

/// One sentence.
std::string summary(const Findings& found) {
  std::string text;
  if (found.can_compile() && found.can_launch())
    text = fmt::format("Everything works: kernels compile with NVRTC {}.{} and launch on {}", found.nvrtc.major,
                       found.nvrtc.minor, count_text(found.devices.size(), "device", "devices"));
  else if (found.can_compile())
    text = fmt::format("Kernels compile with NVRTC {}.{}, but can not be launched, because {}", found.nvrtc.major,
                       found.nvrtc.minor, launch_advice(found));
  else if (found.can_launch())
    text = fmt::format("Kernels that are in the cache launch, but none can be compiled, because {}", compile_advice());
  else
    text = fmt::format("Kernels can be neither compiled nor launched, because {}; and {}", compile_advice(),
                       launch_advice(found));
  if (!found.cache_disabled.empty())
    text += fmt::format("; nothing is kept on disk, for the kernel cache is off: {}", found.cache_disabled);
  if (text.ends_with('.')) text.pop_back();
  return text + ".";
}

/// The system loader's messages start with the path, which has a column of its own.
std::string_view reason_text(const LibraryCandidate& candidate) {
  std::string_view reason = candidate.reason;
  if (!candidate.path.empty() && reason.starts_with(candidate.path + ": "))
    reason.remove_prefix(candidate.path.size() + 2);
  return reason;
}

void print_candidates(Console& console, std::span<const LibraryCandidate> candidates) {
  if (candidates.empty()) return;
  Table table({{""}, {"LIBRARY"}, {"NAMED BY"}, {"WHY"}});
  for (const auto& candidate : candidates)
    table.add({candidate.chosen ? "chosen" : "rejected", candidate.path, candidate.origin,
               std::string(reason_text(candidate))});
  table.print(console.out, console.bold, 2);
}

void print_text(Console& console, const Findings& found) {
  auto& out = console.out;
  out << fmt::format("cujitsu {}\n\n", version);

  out << "CUDA driver: "
      << (found.driver.usable ? "supports CUDA " + cuda_version_text(found.driver.version) : "not usable")
      << (found.driver.is_software ? ", by softgpu: kernels run on the CPU" : "") << '\n';
  print_candidates(console, found.driver.candidates);
  if (!found.driver.missing_features.empty())
    out << "  This driver lacks: " << join(found.driver.missing_features, ", ") << '\n';

  out << "\nNVRTC: " << (found.nvrtc.usable ? fmt::format("{}.{}", found.nvrtc.major, found.nvrtc.minor) : "not usable")
      << '\n';
  print_candidates(console, found.nvrtc.candidates);
  if (found.nvrtc.usable) {
    out << "  Headers: "
        << (found.nvrtc.include_dirs.empty() ? "none found; cuda_fp16.h and its like can not be included"
                                             : join(found.nvrtc.include_dirs, ", "))
        << "\n  Architectures: " << join(found.nvrtc.architectures, " ") << '\n';
  }

  if (!found.device_error.empty())
    out << "\nDevices: " << found.device_error << '\n';
  else
    out << "\nDevices: " << (found.devices.empty() ? "none" : std::to_string(found.devices.size())) << '\n';
  if (!found.devices.empty()) print_devices(console, found.devices, 2);

  if (found.cache_disabled.empty())
    out << fmt::format("\nKernel cache: {} ({}, {})\n", found.cache_path,
                       count_text(found.cache.entries, "entry", "entries"), bytes_text(found.cache.bytes));
  else
    out << fmt::format("\nKernel cache: off: {}\n", found.cache_disabled);

  out << "\nEnvironment variables:" << (found.environment.empty() ? " none of cujitsu's is set" : "") << '\n';
  for (const auto& [name, value] : found.environment) out << fmt::format("  {}={}\n", name, one_line(value));

  out << '\n' << summary(found) << '\n';
}

Json candidates_json(std::span<const LibraryCandidate> candidates) {
  Json result = Json::array();
  for (const auto& candidate : candidates)
    result.push_back({{"path", candidate.path},
                      {"origin", candidate.origin},
                      {"chosen", candidate.chosen},
                      {"reason", candidate.reason}});
  return result;
}

Json findings_json(const Findings& found) {
  Json environment = Json::object();
  for (const auto& [name, value] : found.environment) environment[name] = value;
  Json driver{{"usable", found.driver.usable},
              {"version", found.driver.usable ? Json(cuda_version_text(found.driver.version)) : Json()},
              {"is_software", found.driver.is_software},
              {"missing_features", found.driver.missing_features},
              {"candidates", candidates_json(found.driver.candidates)}};
  Json nvrtc{
      {"usable", found.nvrtc.usable},
      {"version", found.nvrtc.usable ? Json(fmt::format("{}.{}", found.nvrtc.major, found.nvrtc.minor)) : Json()},
      {"include_dirs", found.nvrtc.include_dirs},
      {"architectures", found.nvrtc.architectures},
      {"candidates", candidates_json(found.nvrtc.candidates)}};
  Json cache{{"path", found.cache_path},
             {"entries", found.cache.entries},
             {"bytes", found.cache.bytes},
             {"disabled_reason", found.cache_disabled}};
  return {{"version", version},
          {"can_compile", found.can_compile()},
          {"can_launch", found.can_launch()},
          {"driver", std::move(driver)},
          {"nvrtc", std::move(nvrtc)},
          {"devices", to_json(found.devices)},
          {"device_error", found.device_error},
          {"cache", std::move(cache)},
          {"environment", std::move(environment)},
          {"summary", summary(found)}};
}

int doctor(Console& console, bool json) {
  const auto found = examine();
  if (json)
    print_json(console, findings_json(found));
  else
    print_text(console, found);
  return found.can_compile() ? 0 : 1;
}

}  // namespace

void add_doctor(CLI::App& parent, Invocation& invocation) {
  auto* command = parent.add_subcommand("doctor", "Say what works on this machine, and why the rest does not");
  command->footer("Exit code 0 when kernels can be compiled; a machine without a GPU is no failure.");
  add_json_flag(*command, invocation);
  command->callback([&invocation] {
    invocation.action = [&invocation](Console& console) { return doctor(console, invocation.json); };
  });
}

}  // namespace cujitsu::cli
