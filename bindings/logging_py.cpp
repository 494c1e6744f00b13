// SPDX-License-Identifier: MIT
#include "registration.hpp"

#include <cujitsu/errors.hpp>
#include <cujitsu/logging.hpp>

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace cujitsu::python {
namespace {

LogLevel log_level(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, LogLevel>, 5> levels{{{"debug", LogLevel::debug},
                                                                         {"info", LogLevel::info},
                                                                         {"warning", LogLevel::warning},
                                                                         {"error", LogLevel::error},
                                                                         {"off", LogLevel::off}}};
  for (const auto& [known, level] : levels) {
    if (known == name) return level;
  }
  throw ArgumentError(fmt::format("'{}' is no log level; there are debug, info, warning, error and off", name));
}

}  // namespace

void register_logging(py::module_& module) {
  module.def(
      "set_log_level", [](const std::string& level) { set_log_level(log_level(level)); }, py::arg("level"),
      R"(How much cujitsu says on stderr: 'debug', 'info', 'warning' (the standard), 'error' or 'off'.

Overrides CUJITSU_LOG. Any thread may call it. Raises ArgumentError for another word.)");
}

}  // namespace cujitsu::python
