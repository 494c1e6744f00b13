// SPDX-License-Identifier: MIT
#include "compile/pch_folder.hpp"

#include "base/log.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace cujitsu::compiler {
namespace {

constexpr std::string_view stem = "cujitsu-pch-";
constexpr const char* lock_name = "/lock";

/// Whether it is a folder of ours that nobody holds. One without a lock file is being made just now, or being removed.
bool is_left_behind(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != ::geteuid()) return false;
  const int lock = ::open((path + lock_name).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (lock < 0) return false;
  const bool is_free = ::flock(lock, LOCK_EX | LOCK_NB) == 0;
  ::close(lock);
  return is_free;
}

}  // namespace

void remove_left_behind(const std::string& parent) {
  std::error_code error;
  for (std::filesystem::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
    const auto path = it->path().native();
    if (!it->path().filename().native().starts_with(stem) || !is_left_behind(path)) continue;
    log::debug("removing the precompiled headers that a killed process left in {}", path);
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
}

int PchFolder::make(const std::string& parent) {
  std::string folder = parent;
  if (folder.empty()) {
    std::error_code error;
    folder = std::filesystem::temp_directory_path(error).native();
    if (error) return error.value();
    remove_left_behind(folder);
  }
  std::string path = folder + "/" + std::string(stem) + "XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return errno;
  const int lock = ::open((path + lock_name).c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0 || ::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    if (lock >= 0) ::close(lock);
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
    return error;
  }
  path_ = std::move(path);
  lock_ = lock;
  owner_ = ::getpid();
  return 0;
}

PchFolder::~PchFolder() {
  if (lock_ >= 0 && owner_ == ::getpid()) {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  if (lock_ >= 0) ::close(lock_);
}

}  // namespace cujitsu::compiler
