// SPDX-License-Identifier: MIT
// Headers on disk: their content and its hash, read again only when it may have changed.
#pragma once

#include "base/file_stamp.hpp"
#include "base/hash.hpp"
#include "compile/directives.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu::compiler {

using HeaderHash = StrongHash;
[[nodiscard]] HeaderHash header_hash(std::string_view content) noexcept;

enum class PathKind : std::uint8_t {
  absent,  ///< also for a path that is refused (EACCES, ELOOP, ENAMETOOLONG): NVRTC goes on then too
  folder,
  file,
  other,
  unknown,  ///< an error that tells nothing of the path (EIO, EMFILE, ESTALE, …): another look may tell
};

/// stat, links followed.
[[nodiscard]] PathKind look_at(const std::string& path, FileStamp& stamp);

/// Looks at many paths as look_at does, folder by folder, and each file from its folder, which halves the time. One folder
/// is open at a time: where a process with threads (as all with a GPU are) opens more files than its table holds, Linux
/// makes it wait 5 to 20 ms (expand_fdtable, synchronize_rcu; measured on 6.18). Calls `visit` with the index of each path
/// until that returns false; returns whether it never did.
using PathVisit = std::function<bool(std::size_t index, PathKind kind, const FileStamp& stamp)>;
bool look_at_each(const std::vector<const std::string*>& paths, const PathVisit& visit);

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
/// For a path that has just been found to be a file, with the stamp `now`.
[[nodiscard]] bool has_content(const std::string& path, const HeaderHash& hash, FileStamp& stamp, const FileStamp& now);

/// Forgets what has been read; for tests and measurements.
void forget_headers();

}  // namespace cujitsu::compiler
