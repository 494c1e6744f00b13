// SPDX-License-Identifier: MIT
// The kernel cache's only door to the file system: whole files in, whole files out, and every fault as an errno.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Nothing here throws but for lack of memory, logs or decides: every function returns 0 or an errno, for the caller
/// knows which ones are ordinary. Interrupted calls and short writes are seen to here. Any thread.
namespace cujitsu::file {

enum class Type { regular, folder, link, other };

struct Status {
  Type type = Type::other;
  std::uint64_t bytes = 0;
  std::int64_t modified = 0;  ///< seconds since 1970
  uid_t owner = 0;
  mode_t permissions = 0;  ///< the twelve lower bits
};

struct FolderItem {
  std::string name;
  Status status;  ///< of the item itself where it is a link
};

/// A larger file is EFBIG, so that a damaged or hostile length can not take all memory.
inline constexpr std::uint64_t max_bytes = std::uint64_t{2} << 30;

/// EISDIR for a folder, EINVAL for a pipe and the like (which is not waited for).
[[nodiscard]] int read(const std::string& path, std::string& content);

/// Writes `content` to a new file in `folder`, which must exist, and renames it to `name`: other processes see the old
/// file or the whole new one. Nothing stays behind on failure. There is no fsync: see docs/cache-format.md.
[[nodiscard]] int publish(const std::string& folder, const std::string& name, std::string_view content);

/// Whether `name` is what publish calls a file that it has not renamed yet.
[[nodiscard]] bool is_temporary(std::string_view name) noexcept;

/// Makes `path` and what is missing above it, each for its owner alone. 0 when it is a folder already.
[[nodiscard]] int make_private_folder(const std::string& path);

/// Appends the items of `path` in no order, "." and ".." left out. Items that vanish meanwhile are left out too.
[[nodiscard]] int list(const std::string& path, std::vector<FolderItem>& items);

[[nodiscard]] int status(const std::string& path, Status& result);
[[nodiscard]] int link_status(const std::string& path, Status& result);
[[nodiscard]] int remove(const std::string& path);

/// "Permission denied".
[[nodiscard]] std::string error_text(int error);

/// The system calls that a test may replace to inject faults. Each behaves as its namesake, errno included.
struct SystemCalls {
  int (*open)(const char* path, int flags, mode_t mode);
  ssize_t (*read)(int descriptor, void* buffer, std::size_t bytes);
  ssize_t (*write)(int descriptor, const void* buffer, std::size_t bytes);
  int (*close)(int descriptor);
  int (*rename)(const char* from, const char* to);
  int (*unlink)(const char* path);
  int (*mkdir)(const char* path, mode_t mode);
  int (*stat)(const char* path, struct ::stat* result);
  int (*lstat)(const char* path, struct ::stat* result);
};

[[nodiscard]] const SystemCalls& real_system_calls() noexcept;
/// `calls` must outlive its use; nullptr restores the real ones. Only for tests.
void set_system_calls(const SystemCalls* calls) noexcept;

}  // namespace cujitsu::file
