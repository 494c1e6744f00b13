// SPDX-License-Identifier: MIT
// Which libraries were found, chosen and rejected, and why: what `cujitsu doctor` prints.
#pragma once

#include <cujitsu/export.hpp>

#include <string>
#include <vector>

namespace cujitsu {

/// One library that was looked at.
struct LibraryCandidate {
  std::string path;    ///< as it would be, or was, opened
  std::string origin;  ///< who named it: "CUJITSU_NVRTC", "Python wheel", "CUDA_PATH", "system loader", …
  bool chosen = false;
  std::string reason;  ///< why it was chosen or rejected
};

struct DriverReport {
  std::vector<LibraryCandidate> candidates;
  bool usable = false;
  int version = 0;                            ///< 1000 * major + 10 * minor, 0 when not usable
  bool is_software = false;                   ///< it is softgpu: kernels run on the CPU
  std::vector<std::string> missing_features;  ///< optional driver functions that this driver does not have
};

struct NvrtcReport {
  std::vector<LibraryCandidate> candidates;
  bool usable = false;
  int major = 0;
  int minor = 0;
  std::vector<std::string> include_dirs;   ///< the toolkit's own, searched after the user's
  std::vector<std::string> architectures;  ///< what it compiles for: "sm_75", …
};

/// Looks for the driver and opens it. Never throws for a missing library: `usable` is false then.
[[nodiscard]] CUJITSU_API DriverReport driver_report();
/// Looks for NVRTC and opens the one that would be used.
[[nodiscard]] CUJITSU_API NvrtcReport nvrtc_report();

/// Folders that may hold NVIDIA's Python wheels (site-packages). Called by the Python package; replaces the former list.
CUJITSU_API void set_wheel_folders(std::vector<std::string> folders);

}  // namespace cujitsu
