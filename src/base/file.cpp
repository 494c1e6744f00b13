// SPDX-License-Identifier: MIT
#include "base/file.hpp"

#include "base/file_calls.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <memory>
#include <system_error>

namespace cujitsu::file {

using namespace internal;

namespace {

constexpr SystemCalls real{
    [](const char* path, int flags, mode_t mode) { return ::open(path, flags, mode); },
    [](int descriptor, void* buffer, std::size_t bytes) { return ::read(descriptor, buffer, bytes); },
    [](int descriptor, const void* buffer, std::size_t bytes) { return ::write(descriptor, buffer, bytes); },
    [](int descriptor) { return ::close(descriptor); },
    [](const char* from, const char* to) { return ::rename(from, to); },
    [](const char* path) { return ::unlink(path); },
    [](const char* path, mode_t mode) { return ::mkdir(path, mode); },
    [](const char* path, struct ::stat* result) { return ::stat(path, result); },
    [](const char* path, struct ::stat* result) { return ::lstat(path, result); },
    [](int descriptor, struct ::stat* result) { return ::fstat(descriptor, result); },
    [](int folder, const char* name, struct ::stat* result, int flags) {
      return ::fstatat(folder, name, result, flags);
    },
    [](const char* path, char* buffer, std::size_t bytes) { return ::readlink(path, buffer, bytes); },
    [](int folder, const char* path, const struct ::timespec* times, int flags) {
      return ::utimensat(folder, path, times, flags);
    },
    [](int descriptor, int operation) { return ::flock(descriptor, operation); },
    [](int descriptor) { return ::fdopendir(descriptor); },
    [](DIR* folder) { return ::readdir(folder); },
    [](DIR* folder) { return ::closedir(folder); },
    [](int descriptor, int command, struct ::flock* range) { return ::fcntl(descriptor, command, range); },
    [](int descriptor, off_t offset, int whence) { return ::lseek(descriptor, offset, whence); },
    [](int descriptor) { return ::fsync(descriptor); },
    [](int descriptor, off_t bytes) { return ::ftruncate(descriptor, bytes); },
};

std::atomic<const SystemCalls*> current{&real};

Status to_status(const struct ::stat& raw) {
  Status result;
  if (S_ISREG(raw.st_mode))
    result.type = Type::regular;
  else if (S_ISDIR(raw.st_mode))
    result.type = Type::folder;
  else if (S_ISLNK(raw.st_mode))
    result.type = Type::link;
  result.bytes = static_cast<std::uint64_t>(raw.st_size);
  result.modified = static_cast<std::int64_t>(raw.st_mtime);
  result.owner = raw.st_uid;
  result.group = raw.st_gid;
  result.permissions = raw.st_mode & 07777;
  result.stamp = stamp_of(raw);
  return result;
}

constexpr auto whole = static_cast<std::size_t>(-1);

int read_open(int descriptor, std::size_t most, std::string& content, Status* status) {
  struct ::stat raw {};
  if (calls().fstat(descriptor, &raw) != 0) return errno;
  if (status != nullptr) *status = to_status(raw);
  if (S_ISDIR(raw.st_mode)) return EISDIR;
  if (!S_ISREG(raw.st_mode)) return EINVAL;
  const auto bytes = static_cast<std::uint64_t>(raw.st_size);
  if (most == whole && bytes > max_bytes) return EFBIG;
  content.resize(static_cast<std::size_t>(std::min<std::uint64_t>(bytes, most)));
  std::size_t filled = 0;
  while (filled < content.size()) {
    const auto count =
        retried([&] { return calls().read(descriptor, content.data() + filled, content.size() - filled); });
    if (count < 0) return errno;
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  content.resize(filled);
  return 0;
}

// Locks of the open file description (Linux 3.15): those of the process would be lost whenever any thread of it closes
// any descriptor of the same file.
int change_lock(int descriptor, short type, std::uint64_t position) {
  struct ::flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = static_cast<off_t>(position);
  range.l_len = 1;
  return retried([&] { return calls().fcntl_lock(descriptor, F_OFD_SETLK, &range); }) < 0 ? errno : 0;
}

int read_once(const std::string& path, std::size_t most, std::string& content, Status* status) {
  content.clear();
  int descriptor = -1;
  // O_NONBLOCK: opening a pipe by accident must not wait for a writer. It means nothing to a regular file.
  if (const int error = open_file(path, O_RDONLY | O_NONBLOCK, descriptor)) return error;
  struct Closer {  // resize may throw
    int descriptor;
    ~Closer() { close_file(descriptor); }
  } const closer{descriptor};
  return read_open(descriptor, most, content, status);
}

/// Calls `each(DIR*, name)` for every name but "." and ".." until it returns an errno.
template <class Each>
int for_each_name(const std::string& path, const Each& each) {
  int descriptor = -1;
  if (const int error = open_file(path, O_RDONLY | O_DIRECTORY, descriptor)) return error;
  DIR* const opened = calls().fdopendir(descriptor);
  if (opened == nullptr) {
    const int error = errno;
    close_file(descriptor);
    return error;
  }
  struct Closer {
    void operator()(DIR* folder) const { calls().closedir(folder); }
  };
  const std::unique_ptr<DIR, Closer> folder(opened);
  for (;;) {
    errno = 0;
    const dirent* item = calls().readdir(folder.get());
    if (item == nullptr) {
      if (errno == EINTR) continue;
      return errno;
    }
    const std::string_view name = item->d_name;
    if (name == "." || name == "..") continue;
    if (const int error = each(descriptor, item->d_name)) return error;
  }
}

}  // namespace

namespace internal {

const SystemCalls& calls() noexcept { return *current.load(std::memory_order_acquire); }

int open_file(const std::string& path, int flags, int& descriptor) {
  descriptor = retried([&] { return calls().open(path.c_str(), flags | O_CLOEXEC, 0600); });
  return descriptor < 0 ? errno : 0;
}

int close_file(int descriptor) { return calls().close(descriptor) != 0 && errno != EINTR ? errno : 0; }

}  // namespace internal

int read(const std::string& path, std::string& content, Status* status) {
  const int error = read_once(path, whole, content, status);
  return error == ESTALE ? read_once(path, whole, content, status) : error;
}

int read_beginning(const std::string& path, std::size_t most, std::string& content, Status* status) {
  const int error = read_once(path, most, content, status);
  return error == ESTALE ? read_once(path, most, content, status) : error;
}

int list(const std::string& path, std::vector<FolderItem>& items, std::string_view prefix) {
  return for_each_name(path, [&](int folder, const char* name) {
    if (!std::string_view(name).starts_with(prefix)) return 0;
    struct ::stat raw {};
    if (calls().fstatat(folder, name, &raw, AT_SYMLINK_NOFOLLOW) != 0)
      return errno == ENOENT || errno == ESTALE ? 0 : errno;
    items.push_back({name, to_status(raw)});
    return 0;
  });
}

int list_names(const std::string& path, std::vector<std::string>& names) {
  return for_each_name(path, [&](int, const char* name) {
    names.emplace_back(name);
    return 0;
  });
}

int status(const std::string& path, Status& result) {
  struct ::stat raw {};
  if (calls().stat(path.c_str(), &raw) != 0) return errno;
  result = to_status(raw);
  return 0;
}

int open_folder(const std::string& path, int& descriptor) { return open_file(path, O_PATH | O_DIRECTORY, descriptor); }

int close_folder(int descriptor) { return close_file(descriptor); }

int status_in(int folder, const char* name, Status& result) {
  struct ::stat raw {};
  if (calls().fstatat(folder, name, &raw, 0) != 0) return errno;
  result = to_status(raw);
  return 0;
}

int link_status(const std::string& path, Status& result) {
  struct ::stat raw {};
  if (calls().lstat(path.c_str(), &raw) != 0) return errno;
  result = to_status(raw);
  return 0;
}

int read_link(const std::string& path, std::string& target) {
  target.resize(PATH_MAX);
  const auto count = calls().readlink(path.c_str(), target.data(), target.size());
  if (count < 0) return errno;
  target.resize(static_cast<std::size_t>(count));
  return 0;
}

int open_lock_file(const std::string& path, int& descriptor) {
  // O_NOFOLLOW: a link would be somebody else's file. O_NONBLOCK: nor must a pipe in its place be waited for.
  return open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, descriptor);
}

int close_lock_file(int descriptor) { return close_file(descriptor); }

int try_lock(int descriptor, std::uint64_t position) {
  const int error = change_lock(descriptor, F_WRLCK, position);
  return error == EACCES ? EAGAIN : error;  // POSIX allows either
}

int unlock(int descriptor, std::uint64_t position) { return change_lock(descriptor, F_UNLCK, position); }

int is_named(int descriptor, const std::string& path, bool& result) {
  struct ::stat open {};
  struct ::stat named {};
  if (calls().fstat(descriptor, &open) != 0 || calls().stat(path.c_str(), &named) != 0) return errno;
  result = open.st_dev == named.st_dev && open.st_ino == named.st_ino;
  return 0;
}

std::string error_text(int error) { return std::generic_category().message(error); }

const SystemCalls& real_system_calls() noexcept { return real; }

void set_system_calls(const SystemCalls* calls) noexcept {
  current.store(calls != nullptr ? calls : &real, std::memory_order_release);
}

}  // namespace cujitsu::file
