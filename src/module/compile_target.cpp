// SPDX-License-Identifier: MIT
#include "module/compile_target.hpp"

#include "driver/driver.hpp"

#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <utility>

namespace cujitsu {
namespace {

thread_local const CompileTarget* current = nullptr;

}  // namespace

CompileTarget parse_target(std::string_view text) {
  constexpr std::string_view prefix = "sm_";
  if (text == "softgpu") return {"sm_80", true};  // the compute capability that it claims
  const auto number = text.starts_with(prefix) ? text.substr(prefix.size()) : std::string_view();
  if (number.size() >= 2 && number.size() <= 4 && number.find_first_not_of("0123456789") == std::string_view::npos)
    return {std::string(text), false};
  throw ArgumentError(fmt::format(
      "'{}' is no device to precompile for: write its own architecture as 'sm_90', or 'softgpu'. What is asked "
      "for as 'sm_90a' or 'compute_90' stands in the manifest and needs no word here",
      text));
}

const CompileTarget* compile_target() noexcept { return current; }

bool targets_software() noexcept { return current != nullptr ? current->is_software : driver::is_software(); }

CompileTargetScope::CompileTargetScope(const CompileTarget* target) noexcept
    : before_(std::exchange(current, target)) {}

CompileTargetScope::~CompileTargetScope() { current = before_; }

}  // namespace cujitsu
