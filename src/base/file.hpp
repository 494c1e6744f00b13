// SPDX-License-Identifier: MIT
// The kernel cache's only door to the file system: whole files in, whole files out, and every fault as an errno.
#pragma once

#include "base/file_stamp.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Nothing here throws but for lack of memory, logs or decides: every function returns 0 or an errno, for the caller
/// knows which ones are ordinary. Interrupted calls and short reads and writes are seen to here. Any thread.
namespace cujitsu::file {

enum class Type { regular, folder, link, other };

struct Status {
  Type type = Type::other;
  std::uint64_t bytes = 0;
  std::int64_t modified = 0;  ///< seconds since 1970
  uid_t owner = 0;
  gid_t group = 0;
  mode_t permissions = 0;  ///< the twelve lower bits
  FileStamp stamp;         ///< not settled
};

struct FolderItem {
  std::string name;
  Status status;  ///< of the item itself where it is a link
};

/// A larger file is EFBIG, so that a damaged or hostile length can not take all memory.
inline constexpr std::uint64_t max_bytes = std::uint64_t{2} << 30;

/// EISDIR for a folder, EINVAL for a pipe and the like (which is not waited for). `status` is that of the file that was
/// read, whatever is at `path` by now. A handle that has gone stale, which on NFS is a file that was replaced, is opened
/// once more.
[[nodiscard]] int read(const std::string& path, std::string& content, Status* status = nullptr);

/// The same, of no more than the first `most` bytes, and of files of any size.
[[nodiscard]] int read_beginning(const std::string& path, std::size_t most, std::string& content,
                                 Status* status = nullptr);

/// Writes `content` to a new file in `folder`, which must exist, and renames it to `name`: other processes see the old
/// file or the whole new one. Nothing stays behind on failure. There is no fsync: see docs/cache-format.md.
[[nodiscard]] int publish(const std::string& folder, const std::string& name, std::string_view content);

/// What publish calls a file that it has not renamed yet. Unique among the threads and processes of every machine that
/// shares the folder; O_EXCL decides in the end.
[[nodiscard]] std::string temporary_name();

/// Whether `name` is one of those.
[[nodiscard]] bool is_temporary(std::string_view name) noexcept;

/// What no other thread, process or machine calls anything: "PID-RANDOM-COUNT".
[[nodiscard]] std::string unique_name();

/// Makes `path` and what is missing above it, each for its owner alone. 0 when it is a folder already.
[[nodiscard]] int make_private_folder(const std::string& path);

/// Makes `path` alone. 0 when something is there already.
[[nodiscard]] int make_one_private_folder(const std::string& path);

/// Appends the items of `path` whose names start with `prefix`, in no order, "." and ".." left out. Items that vanish
/// meanwhile are left out too.
[[nodiscard]] int list(const std::string& path, std::vector<FolderItem>& items, std::string_view prefix = {});

/// The same without a look at each item.
[[nodiscard]] int list_names(const std::string& path, std::vector<std::string>& names);

[[nodiscard]] int status(const std::string& path, Status& result);
/// Opens a folder to look at its files from there. The caller closes it with close_folder.
[[nodiscard]] int open_folder(const std::string& path, int& descriptor);
int close_folder(int descriptor);
/// As status, of a name in an open folder.
[[nodiscard]] int status_in(int folder, const char* name, Status& result);
[[nodiscard]] int link_status(const std::string& path, Status& result);
/// What the link at `path` says.
[[nodiscard]] int read_link(const std::string& path, std::string& target);
[[nodiscard]] int remove(const std::string& path);
/// Sets the time of the last change to now.
[[nodiscard]] int touch(const std::string& path);

/// An advisory lock on a file, which is made where it is missing; given back when this is destroyed and when the process
/// ends, however it ends. Only for what is still right without: there are file systems that have none.
class Lock {
 public:
  Lock() = default;
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock();
  /// Waits for nobody: EWOULDBLOCK when somebody else has it. Once for each object.
  [[nodiscard]] int try_to_take(const std::string& path);

 private:
  int descriptor_ = -1;
};

/// Opens a file whose bytes are locked, never read; makes it where it is missing. The caller closes it with close_lock_file.
[[nodiscard]] int open_lock_file(const std::string& path, int& descriptor);
int close_lock_file(int descriptor);
/// An advisory lock, for writing, on the one byte at `position` (which need not be there). EAGAIN while another open file
/// has it, of this process or another. It belongs to the open file: threads share it, a forked child that keeps the
/// descriptor does too, and the kernel releases it when the last of them has closed it or ended. ENOLCK, EINVAL, ENOSYS,
/// EOPNOTSUPP and the like where the file system, or the kernel, has no such locks.
[[nodiscard]] int try_lock(int descriptor, std::uint64_t position);
int unlock(int descriptor, std::uint64_t position);
/// Whether `path` names the open file: it may have been removed or replaced since. ENOENT when it names none.
[[nodiscard]] int is_named(int descriptor, const std::string& path, bool& result);

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
  int (*fstat)(int descriptor, struct ::stat* result);
  int (*fstatat)(int folder, const char* name, struct ::stat* result, int flags);
  ssize_t (*readlink)(const char* path, char* buffer, std::size_t bytes);
  int (*utimensat)(int folder, const char* path, const struct ::timespec* times, int flags);
  int (*flock)(int descriptor, int operation);
  DIR* (*fdopendir)(int descriptor);
  struct ::dirent* (*readdir)(DIR* folder);
  int (*closedir)(DIR* folder);
  int (*fcntl_lock)(int descriptor, int command, struct ::flock* range);
  off_t (*lseek)(int descriptor, off_t offset, int whence);
  int (*fsync)(int descriptor);
  int (*ftruncate)(int descriptor, off_t bytes);
};

[[nodiscard]] const SystemCalls& real_system_calls() noexcept;
/// `calls` must outlive its use; nullptr restores the real ones. Only for tests.
void set_system_calls(const SystemCalls* calls) noexcept;

}  // namespace cujitsu::file
