// SPDX-License-Identifier: MIT
// What base/file*.cpp share: the system calls as they are now, and calls that signals interrupt.
#pragma once

#include "base/file.hpp"

#include <cerrno>
#include <string>

namespace cujitsu::file::internal {

[[nodiscard]] const SystemCalls& calls() noexcept;

/// Repeats `call` while a signal interrupts it. close must not come here: Linux has closed it even then.
template <class Call>
auto retried(const Call& call) {
  for (;;)
    if (const auto result = call(); result >= 0 || errno != EINTR) return result;
}

[[nodiscard]] int open_file(const std::string& path, int flags, int& descriptor);
int close_file(int descriptor);

}  // namespace cujitsu::file::internal
