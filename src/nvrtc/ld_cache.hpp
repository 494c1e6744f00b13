// SPDX-License-Identifier: MIT
// Where the system loader would find a library, without loading it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::nvrtc {

/// The paths in /etc/ld.so.cache whose file name starts with `prefix`, in the loader's order. Empty where the file is
/// missing or not in glibc's format.
[[nodiscard]] std::vector<std::string> loader_paths(std::string_view prefix,
                                                    const std::string& cache_file = "/etc/ld.so.cache");

}  // namespace cujitsu::nvrtc
