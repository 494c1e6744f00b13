// SPDX-License-Identifier: MIT
#include "compile/pch_folder.hpp"

#include "base/log.hpp"

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
  file::Status status;
  if (file::link_status(path, status) != 0 || status.type != file::Type::folder || status.owner != ::geteuid())
    return false;
  const auto lock_path = path + lock_name;
  if (file::link_status(lock_path, status) != 0) return false;
  file::Lock lock;
  return lock.try_to_take(lock_path) == 0;
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
  lock_.emplace();
  if (const int error = lock_->try_to_take(path + lock_name); error != 0) {
    lock_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
    return error;
  }
  path_ = std::move(path);
  owner_ = ::getpid();
  return 0;
}

PchFolder::~PchFolder() {
  if (!lock_ || owner_ != ::getpid()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace cujitsu::compiler
