// SPDX-License-Identifier: MIT
// The options --arch, --name and --older-than of the `cache` commands.
#pragma once

#include "cli/command.hpp"

#include <cujitsu/kernel_cache.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace cujitsu::cli {

struct FilterArguments {
  std::string arch;
  std::string name;
  std::string older_than;

  [[nodiscard]] bool empty() const noexcept { return arch.empty() && name.empty() && older_than.empty(); }
  [[nodiscard]] std::optional<std::chrono::seconds> duration() const;
  [[nodiscard]] CacheFilter filter() const { return {arch, name, duration()}; }
  /// As they were typed: "--arch sm_90 --older-than 7d".
  [[nodiscard]] std::string text() const;
};

/// `arguments` must live as long as `command`.
void add_filter(CLI::App& command, FilterArguments& arguments);

}  // namespace cujitsu::cli
