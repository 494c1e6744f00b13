// SPDX-License-Identifier: MIT
// The library's one log. Only log.cpp knows spdlog.
#pragma once

#include <cujitsu/logging.hpp>

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cujitsu::log {

/// Whether a message of this level would be written; the level is read from CUJITSU_LOG when first asked.
[[nodiscard]] bool enabled(LogLevel level) noexcept;
void write(LogLevel level, std::string_view message) noexcept;

/// While one lives, this thread's messages are kept, and written when it ends: a sink is the user's code, which must not
/// run while something is locked that it may come to wait for. One within another leaves them to the outer one.
class Deferral {
 public:
  Deferral() noexcept;
  ~Deferral();
  Deferral(const Deferral&) = delete;
  Deferral& operator=(const Deferral&) = delete;

 private:
  friend void write(LogLevel level, std::string_view message) noexcept;
  std::vector<std::pair<LogLevel, std::string>> messages_;
};

/// True the first time this process asks for `key`: for warnings that must not repeat.
[[nodiscard]] bool first_time(std::string_view key);
/// Forgets what first_time has seen. For tests.
void forget_first_times();

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(LogLevel::debug)) write(LogLevel::debug, fmt::format(format, std::forward<Args>(args)...));
}

template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(LogLevel::info)) write(LogLevel::info, fmt::format(format, std::forward<Args>(args)...));
}

template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(LogLevel::warning)) write(LogLevel::warning, fmt::format(format, std::forward<Args>(args)...));
}

template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(LogLevel::error)) write(LogLevel::error, fmt::format(format, std::forward<Args>(args)...));
}

/// A warning that is written once per process for each `key`.
template <class... Args>
void warning_once(std::string_view key, fmt::format_string<Args...> format, Args&&... args) {
  if (first_time(key)) warning(format, std::forward<Args>(args)...);
}

}  // namespace cujitsu::log
