// SPDX-License-Identifier: MIT
#include "softgpu/api/check_names.hpp"

#include "softgpu/api/errors.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace cujitsu::softgpu::api {
namespace {

constexpr const char* check_variable = "CUJITSU_SOFTGPU_CHECK";
constexpr const char* schedule_variable = "CUJITSU_SOFTGPU_SCHEDULE";

std::string_view value_of(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? std::string_view() : text;
}

std::string_view without_spaces(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

void add(Checks& checks, std::string_view name) {
  const bool all = name == "all";
  if (all || name == "races") checks.races = true;
  if (all || name == "uninitialized") checks.uninitialized = true;
  if (all || name == "barriers") checks.barriers = true;
  // Whether a kernel can never end is always looked at.
  if (all || name == "races" || name == "uninitialized" || name == "barriers" || name == "deadlocks") return;
  fail(result::invalid_value, fmt::format("{}: there is no check '{}'; the checks are races, uninitialized, barriers, "
                                          "deadlocks, all",
                                          check_variable, name));
}

Checks read_checks() {
  Checks checks;
  for (auto rest = value_of(check_variable); !rest.empty();) {
    const auto comma = rest.find(',');
    const auto name = without_spaces(rest.substr(0, comma));
    if (!name.empty()) add(checks, name);
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return checks;
}

std::optional<std::uint64_t> read_schedule() {
  const auto text = value_of(schedule_variable);
  if (text.empty()) return std::nullopt;
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc{} || end != text.data() + text.size())
    fail(result::invalid_value,
         fmt::format("{}='{}' is not a seed, a number from 0 to {}", schedule_variable, text, UINT64_MAX));
  return seed;
}

}  // namespace

Settings read_settings() { return {read_checks(), read_schedule()}; }

}  // namespace cujitsu::softgpu::api
