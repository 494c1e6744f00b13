// SPDX-License-Identifier: MIT
#include "base/file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <memory>
#include <system_error>

namespace cujitsu::file {
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
};

std::atomic<const SystemCalls*> current{&real};

const SystemCalls& calls() noexcept { return *current.load(std::memory_order_acquire); }

/// Repeats `call` while a signal interrupts it. close must not come here: Linux has closed it even then.
template <class Call>
auto retried(const Call& call) {
  for (;;)
    if (const auto result = call(); result >= 0 || errno != EINTR) return result;
}

int open_file(const std::string& path, int flags, int& descriptor) {
  descriptor = retried([&] { return calls().open(path.c_str(), flags | O_CLOEXEC, 0600); });
  return descriptor < 0 ? errno : 0;
}

int close_file(int descriptor) { return calls().close(descriptor) != 0 && errno != EINTR ? errno : 0; }

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
  result.permissions = raw.st_mode & 07777;
  return result;
}

int read_open(int descriptor, std::string& content) {
  struct ::stat raw {};
  if (::fstat(descriptor, &raw) != 0) return errno;
  if (S_ISDIR(raw.st_mode)) return EISDIR;
  if (!S_ISREG(raw.st_mode)) return EINVAL;
  const auto bytes = static_cast<std::uint64_t>(raw.st_size);
  if (bytes > max_bytes) return EFBIG;
  content.resize(static_cast<std::size_t>(bytes));
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

int write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const auto count = retried([&] { return calls().write(descriptor, content.data(), content.size()); });
    if (count < 0) return errno;
    if (count == 0) return EIO;  // never for a regular file; taken as progress it would loop for ever
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

constexpr std::string_view temporary_prefix = ".cujitsu-";
constexpr std::string_view temporary_suffix = ".tmp";

/// Unique among the threads and processes of every machine that shares the folder; O_EXCL decides in the end.
std::string temporary_name() {
  static std::atomic<std::uint64_t> counter{0};
  std::uint64_t random = 0;
  if (::getrandom(&random, sizeof random, GRND_NONBLOCK) != static_cast<ssize_t>(sizeof random))
    random = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  return fmt::format("{}{}-{:016x}-{:x}{}", temporary_prefix, ::getpid(), random, counter.fetch_add(1),
                     temporary_suffix);
}

}  // namespace

int read(const std::string& path, std::string& content) {
  content.clear();
  int descriptor = -1;
  // O_NONBLOCK: opening a pipe by accident must not wait for a writer. It means nothing to a regular file.
  if (const int error = open_file(path, O_RDONLY | O_NONBLOCK, descriptor)) return error;
  struct Closer {  // resize may throw
    int descriptor;
    ~Closer() { close_file(descriptor); }
  } const closer{descriptor};
  return read_open(descriptor, content);
}

int publish(const std::string& folder, const std::string& name, std::string_view content) {
  if (content.size() > max_bytes) return EFBIG;  // no reader would take it
  std::string temporary;
  int descriptor = -1;
  int error = EEXIST;
  for (int attempt = 0; error == EEXIST && attempt < 100; ++attempt) {
    temporary = fmt::format("{}/{}", folder, temporary_name());
    error = open_file(temporary, O_WRONLY | O_CREAT | O_EXCL, descriptor);
  }
  if (error != 0) return error;
  const auto target = fmt::format("{}/{}", folder, name);
  error = write_all(descriptor, content);
  // Network file systems report a full disk only here, so this counts as much as the write does.
  if (const int close_error = close_file(descriptor); error == 0) error = close_error;
  if (error == 0 && calls().rename(temporary.c_str(), target.c_str()) != 0) error = errno;
  // The first error is the one to tell; a temporary file that stays is removed by the next `clear`.
  if (error != 0) calls().unlink(temporary.c_str());
  return error;
}

bool is_temporary(std::string_view name) noexcept {
  return name.size() > temporary_prefix.size() + temporary_suffix.size() && name.starts_with(temporary_prefix) &&
         name.ends_with(temporary_suffix);
}

int make_private_folder(const std::string& path) {
  Status found;
  // Looked at first: mkdir of what exists is EROFS or EACCES, not EEXIST, on some file systems.
  if (status(path, found) == 0) return found.type == Type::folder ? 0 : ENOTDIR;
  if (calls().mkdir(path.c_str(), 0700) == 0) return 0;
  if (errno == ENOENT) {
    const auto end = path.find_last_not_of('/');
    const auto slash = end == std::string::npos ? end : path.rfind('/', end);
    if (slash == std::string::npos || slash == 0) return ENOENT;
    if (const int error = make_private_folder(path.substr(0, slash))) return error;
    if (calls().mkdir(path.c_str(), 0700) == 0) return 0;
  }
  if (errno != EEXIST) return errno;
  // Another process was quicker, or it is a link to nowhere.
  if (const int error = status(path, found)) return error;
  return found.type == Type::folder ? 0 : ENOTDIR;
}

int list(const std::string& path, std::vector<FolderItem>& items) {
  int descriptor = -1;
  if (const int error = open_file(path, O_RDONLY | O_DIRECTORY, descriptor)) return error;
  DIR* opened = ::fdopendir(descriptor);
  if (opened == nullptr) {
    const int error = errno;
    close_file(descriptor);
    return error;
  }
  struct Closer {
    void operator()(DIR* folder) const { ::closedir(folder); }
  };
  const std::unique_ptr<DIR, Closer> folder(opened);
  for (;;) {
    errno = 0;
    const dirent* item = ::readdir(folder.get());
    if (item == nullptr) return errno;
    const std::string_view name = item->d_name;
    if (name == "." || name == "..") continue;
    struct ::stat raw {};
    if (::fstatat(descriptor, item->d_name, &raw, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) continue;
      return errno;
    }
    items.push_back({std::string(name), to_status(raw)});
  }
}

int status(const std::string& path, Status& result) {
  struct ::stat raw {};
  if (calls().stat(path.c_str(), &raw) != 0) return errno;
  result = to_status(raw);
  return 0;
}

int link_status(const std::string& path, Status& result) {
  struct ::stat raw {};
  if (calls().lstat(path.c_str(), &raw) != 0) return errno;
  result = to_status(raw);
  return 0;
}

int remove(const std::string& path) { return calls().unlink(path.c_str()) != 0 ? errno : 0; }

std::string error_text(int error) { return std::generic_category().message(error); }

const SystemCalls& real_system_calls() noexcept { return real; }

void set_system_calls(const SystemCalls* calls) noexcept {
  current.store(calls != nullptr ? calls : &real, std::memory_order_release);
}

}  // namespace cujitsu::file
