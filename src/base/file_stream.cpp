// SPDX-License-Identifier: MIT
#include "base/file_stream.hpp"

#include "base/file_calls.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace cujitsu::file {

using namespace internal;

Source::~Source() {
  if (descriptor_ >= 0) close_file(descriptor_);
}

int Source::open(const std::string& path) {
  // O_NONBLOCK: opening a pipe by accident must not wait for a writer. It means nothing to a regular file.
  if (const int error = open_file(path, O_RDONLY | O_NONBLOCK, descriptor_)) return error;
  struct ::stat raw {};
  if (calls().fstat(descriptor_, &raw) != 0) return errno;
  if (S_ISDIR(raw.st_mode)) return EISDIR;
  if (!S_ISREG(raw.st_mode)) return EINVAL;
  bytes_ = static_cast<std::uint64_t>(raw.st_size);
  return 0;
}

int Source::read(std::uint64_t count, std::string& content) {
  content.resize(static_cast<std::size_t>(std::min(count, left())));
  std::size_t filled = 0;
  while (filled < content.size()) {
    const auto got =
        retried([&] { return calls().read(descriptor_, content.data() + filled, content.size() - filled); });
    if (got < 0) return errno;
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  position_ += filled;
  if (filled < content.size()) bytes_ = position_;  // somebody cut it short meanwhile
  content.resize(filled);
  return 0;
}

Publication::~Publication() {
  if (descriptor_ >= 0) close_file(descriptor_);
  if (!temporary_.empty()) calls().unlink(temporary_.c_str());
}

int Publication::start(const std::string& folder, const std::string& name, mode_t mode) {
  target_ = folder + '/' + name;
  int error = EEXIST;
  std::string temporary;
  for (int attempt = 0; error == EEXIST && attempt < 100; ++attempt) {
    temporary = folder + '/' + temporary_name();
    descriptor_ =
        retried([&] { return calls().open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode); });
    error = descriptor_ < 0 ? errno : 0;
  }
  if (error == 0) temporary_ = std::move(temporary);
  return error;
}

int Publication::write(std::string_view content) {
  while (!content.empty()) {
    const auto count = retried([&] { return calls().write(descriptor_, content.data(), content.size()); });
    if (count < 0) return errno;
    if (count == 0) return EIO;  // never for a regular file; taken as progress it would loop for ever
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

int Publication::rewrite_start(std::string_view content) {
  if (calls().lseek(descriptor_, 0, SEEK_SET) != 0) return errno;
  return write(content);
}

int Publication::finish() {
  // Some network file systems have no fsync; a full disk they report when the file is closed.
  if (retried([&] { return calls().fsync(descriptor_); }) != 0 && errno != EINVAL && errno != ENOTSUP) return errno;
  if (const int error = close_file(std::exchange(descriptor_, -1))) return error;
  if (calls().rename(temporary_.c_str(), target_.c_str()) != 0) return errno;
  temporary_.clear();
  return 0;
}

}  // namespace cujitsu::file
