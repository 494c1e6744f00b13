// SPDX-License-Identifier: MIT
// The search for NVRTC on this machine.
#pragma once

#include "nvrtc/toolkit.hpp"
#include "nvrtc/witnesses.hpp"

#include <string>
#include <vector>

namespace cujitsu::nvrtc {

struct SearchOutcome {
  SearchResult result;
  Witnesses witnesses;  ///< everything the result depends on beside search_inputs
};

/// Looks at every candidate; see find_toolkit. `wheel_folders`: site-packages folders of Python.
[[nodiscard]] SearchOutcome search(int driver_major, const std::vector<std::string>& wheel_folders);

/// Everything that steers a search, as text: the driver's version, environment variables, folders.
[[nodiscard]] std::string search_inputs(int driver_major, const std::vector<std::string>& wheel_folders);

}  // namespace cujitsu::nvrtc
