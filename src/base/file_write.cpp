// SPDX-License-Identifier: MIT
// What changes the file system: new files and folders, removal, times, locks.
#include "base/file.hpp"

#include "base/file_calls.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <chrono>

namespace cujitsu::file {

using namespace internal;

namespace {

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

}  // namespace

std::string unique_name() {
  static std::atomic<std::uint64_t> counter{0};
  std::uint64_t random = 0;
  if (::getrandom(&random, sizeof random, GRND_NONBLOCK) != static_cast<ssize_t>(sizeof random))
    random = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  return fmt::format("{}-{:016x}-{:x}", ::getpid(), random, counter.fetch_add(1));
}

std::string temporary_name() { return fmt::format("{}{}{}", temporary_prefix, unique_name(), temporary_suffix); }

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

int make_one_private_folder(const std::string& path) {
  return calls().mkdir(path.c_str(), 0700) != 0 && errno != EEXIST ? errno : 0;
}

int remove(const std::string& path) { return calls().unlink(path.c_str()) != 0 ? errno : 0; }

int touch(const std::string& path) {
  return calls().utimensat(AT_FDCWD, path.c_str(), nullptr, AT_SYMLINK_NOFOLLOW) != 0 ? errno : 0;
}

int Lock::try_to_take(const std::string& path) {
  if (const int error = open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW, descriptor_)) return error;
  return retried([&] { return calls().flock(descriptor_, LOCK_EX | LOCK_NB); }) != 0 ? errno : 0;
}

Lock::~Lock() {
  if (descriptor_ >= 0) close_file(descriptor_);
}

}  // namespace cujitsu::file
