// SPDX-License-Identifier: MIT
// What is checked of an entry beyond its frame.
#pragma once

#include "cache/entry_format.hpp"
#include "cache/frame.hpp"
#include "cache/key_material.hpp"

#include <string_view>

namespace cujitsu {

struct CheckedEntry {
  StoredEntry entry;  ///< points into the file's bytes
  KeyMaterial material;
};

/// Throws FormatError unless `key` is that of the entry's material.
[[nodiscard]] KeyMaterial check_name(const StoredEntry& entry, std::string_view key);

/// Throws FormatError unless `file` is a whole entry that belongs under `name`, AuthenticationError as Frame does.
CheckedEntry check_entry_file(std::string_view name, std::string_view file, const FrameKey* key);

}  // namespace cujitsu
