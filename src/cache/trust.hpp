// SPDX-License-Identifier: MIT
// Who else could put something into a folder, or another folder in its place.
#pragma once

#include "base/file.hpp"

#include <string>

namespace cujitsu {

struct PathCheck {
  int error = 0;        ///< the errno that kept us from looking: ENOENT when there is no such folder yet
  std::string refusal;  ///< empty, or why the folder must not be used: "it belongs to user 1000, …"
};

enum class Owners {
  user,          ///< the user who runs this and nobody else
  user_or_root,  ///< for what is only read
};

/// Whether `path`, which is absolute, is a folder of one of `owners` into which nobody else may write, and is reached
/// through nothing that somebody else can change: links belong to the user or to root, and folders above it that others
/// may write into have the sticky bit. Who owns the folders above is not asked.
[[nodiscard]] PathCheck check_folder(const std::string& path, Owners owners);

/// Why a file that was read must not be used: empty, or "it belongs to user 1000, …".
[[nodiscard]] std::string distrust_of_file(const file::Status& status);

}  // namespace cujitsu
