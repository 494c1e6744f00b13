// SPDX-License-Identifier: MIT
#include "base/line_file.hpp"

#include "base/file_calls.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

namespace cujitsu::file {

using namespace internal;

namespace {

constexpr auto longest_wait = std::chrono::seconds(2);
constexpr std::size_t chunk_bytes = std::size_t{1} << 16;

/// Waits for the lock. False where there are none, or a holder has stopped. Closing the file gives it back.
bool lock(int descriptor) {
  const auto end = std::chrono::steady_clock::now() + longest_wait;
  auto pause = std::chrono::microseconds(50);
  while (calls().flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, std::chrono::microseconds(5000));
  }
  return true;
}

}  // namespace

LineFile::LineFile(std::string path, std::string first_line)
    : path_(std::move(path)), first_line_(std::move(first_line)) {}

int LineFile::add(std::string_view line) {
  const std::lock_guard guard(mutex_);
  const int descriptor =
      retried([&] { return calls().open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666); });
  if (descriptor < 0) return errno;
  struct Closer {
    int descriptor;
    int close() { return close_file(std::exchange(descriptor, -1)); }
    ~Closer() {
      if (descriptor >= 0) close();
    }
  } closer{descriptor};
  const bool is_locked = lock(descriptor);
  int error = read_new_lines(descriptor);
  if (error == 0 && !known_.contains(hash128(line))) error = append(descriptor, line, is_locked);
  const int close_error = closer.close();  // where network file systems report a full disk
  return error != 0 ? error : close_error;
}

int LineFile::append(int descriptor, std::string_view line, bool is_locked) const {
  std::string text;
  if (!ends_in_line_) text += '\n';
  if (read_to_ == 0 && ends_in_line_) text += first_line_ + '\n';
  text += line;
  text += '\n';
  // Whole, or as much as fits: the rest follows at once, and under the lock nobody writes in between.
  for (std::string_view rest = text; !rest.empty();) {
    const auto count = retried([&] { return calls().write(descriptor, rest.data(), rest.size()); });
    if (count <= 0) {
      const int error = count < 0 ? errno : EIO;
      // A full disk: take back the half line, which would else be a damaged one.
      if (is_locked && ends_in_line_ && rest.size() < text.size())
        static_cast<void>(retried([&] { return calls().ftruncate(descriptor, static_cast<off_t>(read_to_)); }));
      return error;
    }
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;  // the next look reads our own line back, and so knows it
}

int LineFile::read_new_lines(int descriptor) {
  struct ::stat raw {};
  if (calls().fstat(descriptor, &raw) != 0) return errno;
  if (!S_ISREG(raw.st_mode)) return S_ISDIR(raw.st_mode) ? EISDIR : EINVAL;
  const auto bytes = static_cast<std::uint64_t>(raw.st_size);
  if (raw.st_dev != device_ || raw.st_ino != inode_ || bytes < read_to_) {  // another file, or written anew
    known_.clear();
    read_to_ = 0;
    device_ = raw.st_dev;
    inode_ = raw.st_ino;
  }
  ends_in_line_ = true;
  if (bytes == read_to_) return 0;
  if (calls().lseek(descriptor, static_cast<off_t>(read_to_), SEEK_SET) < 0) return errno;
  std::string text;
  std::string chunk(chunk_bytes, '\0');
  for (;;) {
    const auto count = retried([&] { return calls().read(descriptor, chunk.data(), chunk.size()); });
    if (count < 0) return errno;
    if (count == 0) break;
    text.append(chunk, 0, static_cast<std::size_t>(count));
    std::string_view lines = text;
    for (auto end = lines.find('\n'); end != std::string_view::npos; end = lines.find('\n')) {
      known_.insert(hash128(lines.substr(0, end)));
      read_to_ += end + 1;
      lines.remove_prefix(end + 1);
    }
    text.erase(0, text.size() - lines.size());
  }
  ends_in_line_ = text.empty();
  return 0;
}

}  // namespace cujitsu::file
