// SPDX-License-Identifier: MIT
// Headers on disk: their content and its hash, read again only when it may have changed.
#pragma once

#include "base/file_stamp.hpp"
#include "base/hash.hpp"
#include "compile/directives.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace cujitsu::compiler {

using HeaderHash = StrongHash;
[[nodiscard]] HeaderHash header_hash(std::string_view content) noexcept;

enum class PathKind : std::uint8_t { absent, folder, file, other };

/// stat, links followed. An error other than "there is no such file" counts as absent, for NVRTC goes on then too.
[[nodiscard]] PathKind look_at(const std::string& path, FileStamp& stamp);

/// Looks at many paths in a row: each folder is found once and its files from there, which halves the time of a look. For
/// one check, not to be kept; the paths must outlive it. One thread.
class PathLooker {
 public:
  PathLooker() = default;
  ~PathLooker();
  PathLooker(const PathLooker&) = delete;
  PathLooker& operator=(const PathLooker&) = delete;

  /// As look_at.
  [[nodiscard]] PathKind look(std::string_view path, FileStamp& stamp);

 private:
  [[nodiscard]] int folder(std::string_view path);

  std::unordered_map<std::string_view, int> folders_;  ///< descriptors, or what is wrong
};

struct HeaderFile {
  FileStamp stamp;
  HeaderHash hash{};
  std::shared_ptr<const DirectiveText> directives;  ///< and the text itself
};

/// The file at `path` as it is now; nullptr and an errno where it can not be read. What this process has read before is
/// trusted while its settled stamp is unchanged. Any thread.
[[nodiscard]] std::shared_ptr<const HeaderFile> read_header(const std::string& path, int& error);

/// Whether the content of `path` has this hash: by `stamp` if that is settled and unchanged, else by what this process
/// knows, else by reading. `stamp` is brought up to date where the content is the same. Any thread.
[[nodiscard]] bool has_content(const std::string& path, const HeaderHash& hash, FileStamp& stamp);
[[nodiscard]] bool has_content(const std::string& path, const HeaderHash& hash, FileStamp& stamp, PathLooker& looker);

/// Forgets what has been read; for tests and measurements.
void forget_headers();

}  // namespace cujitsu::compiler
