// SPDX-License-Identifier: MIT
// Which build of a library a file is, without loading it.
#pragma once

#include <string>

namespace cujitsu::nvrtc {

/// The GNU build id in hexadecimal; where the file has none, its size and modification time. A few reads of the file's
/// head, so that a cache hit can name the compiler without loading its hundred megabytes. Empty if it can not be read.
[[nodiscard]] std::string file_identity(const std::string& path);

}  // namespace cujitsu::nvrtc
