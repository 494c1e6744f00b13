// SPDX-License-Identifier: MIT
#include <cujitsu/libraries.hpp>

#include "driver/driver.hpp"
#include "nvrtc/nvrtc.hpp"

#include <cujitsu/errors.hpp>

namespace cujitsu {

DriverReport driver_report() { return driver::report(); }

NvrtcReport nvrtc_report() {
  NvrtcReport report;
  auto found = nvrtc::find_toolkit(driver::version_or_zero() / 1000);
  report.candidates = std::move(found.candidates);
  if (found.toolkit == nullptr) return report;
  report.include_dirs = found.toolkit->include_dirs();
  try {
    const auto& nvrtc = nvrtc::load(*found.toolkit);
    report.usable = true;
    report.major = nvrtc.major;
    report.minor = nvrtc.minor;
    report.architectures = nvrtc.architectures;
  } catch (const LoadError& error) {
    for (auto& candidate : report.candidates)
      if (candidate.chosen) {
        candidate.chosen = false;
        candidate.reason = error.what();
      }
  }
  return report;
}

}  // namespace cujitsu
