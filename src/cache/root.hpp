// SPDX-License-Identifier: MIT
// Which folder the user's cache is in, and whether a folder may be trusted with one.
#pragma once

#include <filesystem>
#include <string>

namespace cujitsu {

struct StandardRoot {
  std::filesystem::path path;   ///< absolute; empty when disabled
  std::string disabled_reason;  ///< empty, or one sentence
};

/// From the environment as it is now; warns of values that it can not use.
[[nodiscard]] StandardRoot standard_root();

struct RootCheck {
  int error = 0;        ///< the errno that kept us from looking; ENOENT when there is no such folder yet
  std::string refusal;  ///< empty, or why the folder must not be used: "it belongs to user 1000, …"
};

/// What is in the cache is run on the user's GPU and parsed in the user's process, so nobody else may be able to put
/// anything into it.
[[nodiscard]] RootCheck check_root(const std::string& root);

}  // namespace cujitsu
