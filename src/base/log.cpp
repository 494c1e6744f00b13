// SPDX-License-Identifier: MIT
#include "base/log.hpp"

#include <cujitsu/environment.hpp>

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <set>

namespace cujitsu {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
    case LogLevel::off: return spdlog::level::off;
  }
  return spdlog::level::warn;
}

struct State {
  std::mutex mutex;
  std::shared_ptr<spdlog::logger> logger;
  std::function<void(LogLevel, std::string_view)> sink;
  std::set<std::string, std::less<>> seen;
  std::atomic<LogLevel> level{LogLevel::warning};

  State() {
    const auto text = environment_value("CUJITSU_LOG");
    if (!text) return;
    for (const auto& [name, value] : {std::pair{"debug", LogLevel::debug}, std::pair{"info", LogLevel::info},
                                      std::pair{"warning", LogLevel::warning}, std::pair{"error", LogLevel::error},
                                      std::pair{"off", LogLevel::off}})
      if (*text == name) {
        level = value;
        return;
      }
    to_stderr().warn("CUJITSU_LOG={} is not one of debug, info, warning, error, off; taking warning", *text);
  }

  /// A logger of our own, in no registry: a host program's spdlog keeps its settings, and ours. Made when there is
  /// something to write, which in most processes there never is.
  spdlog::logger& to_stderr() {
    if (logger == nullptr) {
      logger = std::make_shared<spdlog::logger>("cujitsu", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
      logger->set_pattern("cujitsu: %^%l%$: %v");
      logger->set_level(spdlog::level::trace);  // the level is checked before
    }
    return *logger;
  }
};

// Never destroyed: objects with a longer life may still log while static destructors run.
State& state() {
  static auto* instance = new State;
  return *instance;
}

}  // namespace

void set_log_level(LogLevel level) noexcept { state().level = level; }

void set_log_sink(std::function<void(LogLevel, std::string_view)> sink) {
  const std::lock_guard lock(state().mutex);
  state().sink = std::move(sink);
}

namespace log {
namespace {

thread_local Deferral* deferral = nullptr;

}  // namespace

bool enabled(LogLevel level) noexcept { return level >= state().level.load(std::memory_order_relaxed); }

void write(LogLevel level, std::string_view message) noexcept {
  try {
    if (deferral != nullptr) {
      deferral->messages_.emplace_back(level, message);
      return;
    }
    const std::lock_guard lock(state().mutex);
    if (state().sink)
      state().sink(level, message);
    else
      state().to_stderr().log(to_spdlog(level), message);
  } catch (...) {  // a log that can not be written must not change what the program does
  }
}

Deferral::Deferral() noexcept {
  if (deferral == nullptr) deferral = this;
}

Deferral::~Deferral() {
  if (deferral != this) return;
  deferral = nullptr;
  for (const auto& [level, message] : messages_) write(level, message);
}

bool first_time(std::string_view key) {
  const std::lock_guard lock(state().mutex);
  return state().seen.emplace(key).second;
}

void forget_first_times() {
  const std::lock_guard lock(state().mutex);
  state().seen.clear();
}

}  // namespace log
}  // namespace cujitsu
