// SPDX-License-Identifier: MIT
// Every environment variable that cujitsu reads.
#pragma once

#include <cujitsu/export.hpp>

#include <optional>
#include <span>
#include <string>

namespace cujitsu {

struct EnvironmentVariable {
  const char* name;
  const char* values;    ///< what it may hold
  const char* standard;  ///< what holds when it is not set
  const char* meaning;   ///< one sentence
};

/// The table of docs/environment.md, in its order.
[[nodiscard]] CUJITSU_API std::span<const EnvironmentVariable> environment_variables() noexcept;

/// The variable's value now; nothing when unset or empty.
[[nodiscard]] CUJITSU_API std::optional<std::string> environment_value(const char* name);

}  // namespace cujitsu
