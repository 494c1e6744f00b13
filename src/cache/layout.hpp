// SPDX-License-Identifier: MIT
// Where the cache's files are below its folder, and which files there are its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::layout {

/// The entries' folder in a cache's root: "ROOT/v2".
[[nodiscard]] std::string version_folder(const std::string& root);

struct Place {
  std::string folder;
  std::string name;

  [[nodiscard]] std::string path() const { return folder + '/' + name; }
};

/// `folder` is what version_folder returned, in this and all that follow; `key` has 32 digits.
[[nodiscard]] Place entry(const std::string& folder, std::string_view key);

/// `name` has 32 digits.
[[nodiscard]] Place note(const std::string& folder, std::string_view name);

struct EntryFile {
  std::string key;
  std::string path;
  std::uint64_t bytes = 0;
};

/// Every file that is named like an entry with a key that starts with `prefix` (lower-case digits), in no order. None
/// where there is no folder. Throws CacheError where one can not be read.
[[nodiscard]] std::vector<EntryFile> entries(const std::string& folder, std::string_view prefix = {});

/// Removes entries, notes and temporary files that their writers have left; no folder. Returns how many entries it
/// removed. Throws CacheError.
std::uint64_t clear(const std::string& folder);

}  // namespace cujitsu::layout
