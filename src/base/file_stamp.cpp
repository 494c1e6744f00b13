// SPDX-License-Identifier: MIT
#include "base/file_stamp.hpp"

#include <ctime>

namespace cujitsu {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t settled_after = 2 * second;  // the coarsest clock of a file system in use (FAT)

std::int64_t nanoseconds(const timespec& time) noexcept { return std::int64_t{time.tv_sec} * second + time.tv_nsec; }

}  // namespace

FileStamp stamp_of(const struct ::stat& status) noexcept {
  return {static_cast<std::uint64_t>(status.st_dev),
          static_cast<std::uint64_t>(status.st_ino),
          static_cast<std::uint64_t>(status.st_size),
          nanoseconds(status.st_mtim),
          nanoseconds(status.st_ctim),
          false};
}

bool is_same_state(FileStamp a, FileStamp b) noexcept {
  a.settled = b.settled = true;
  return a == b;
}

std::int64_t stamp_clock() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return nanoseconds(now);
}

bool is_old_enough(const FileStamp& stamp, std::int64_t now) noexcept {
  const auto newest = now - settled_after;
  return stamp.modified_ns < newest && stamp.changed_ns < newest;
}

}  // namespace cujitsu
