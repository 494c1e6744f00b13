// SPDX-License-Identifier: MIT
// What cujitsu says on its own: to stderr, warnings and worse unless CUJITSU_LOG or set_log_level says otherwise.
#pragma once

#include <cujitsu/export.hpp>

#include <functional>
#include <string_view>

namespace cujitsu {

enum class LogLevel { debug, info, warning, error, off };

/// Throws nothing; may be called from any thread.
CUJITSU_API void set_log_level(LogLevel level) noexcept;

/// Sends every message of the set level to `sink` instead of stderr; an empty one restores stderr. `sink` is called from
/// any thread, one message at a time, and must not log.
CUJITSU_API void set_log_sink(std::function<void(LogLevel, std::string_view)> sink);

}  // namespace cujitsu
