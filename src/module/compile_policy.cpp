// SPDX-License-Identifier: MIT
#include "module/compile_policy.hpp"

#include "base/log.hpp"
#include "base/text.hpp"
#include "compile/kernel_scan.hpp"

#include <cujitsu/environment.hpp>
#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <utility>
#include <vector>

namespace cujitsu {
namespace {

std::atomic<CompilePolicy>& current() noexcept {
  static std::atomic<CompilePolicy> policy = [] {
    const auto value = environment_value("CUJITSU_COMPILE");
    if (value && *value == "forbid") return CompilePolicy::forbid;
    if (value && *value != "allow")
      log::warning_once("CUJITSU_COMPILE", "CUJITSU_COMPILE={} is neither allow nor forbid; taking allow", *value);
    return CompilePolicy::allow;
  }();
  return policy;
}

/// As far as the source's text tells, and at most a few.
std::string kernel_names(std::string_view source, const CompileOptions& options) {
  constexpr std::size_t most = 8;
  std::vector<std::string> names = options.name_expressions;
  for (const auto& kernel : compiler::scan_kernels(source))
    if (auto name = kernel.scope + kernel.name; !kernel.is_template && std::ranges::find(names, name) == names.end())
      names.push_back(std::move(name));
  if (names.size() <= most) return text::join(names, ", ");
  const auto more = names.size() - most;
  names.resize(most);
  return fmt::format("{} and {} more", text::join(names, ", "), more);
}

}  // namespace

std::string_view to_string(CompilePolicy policy) noexcept {
  return policy == CompilePolicy::forbid ? "forbid" : "allow";
}

CompilePolicy compile_policy() noexcept { return current().load(std::memory_order_relaxed); }

void set_compile_policy(CompilePolicy policy) noexcept { current().store(policy, std::memory_order_relaxed); }

void refuse_to_compile(std::string_view source, const CompileOptions& options, NoHit no_hit) {
  auto message = fmt::format("{} may not be compiled (CUJITSU_COMPILE=forbid), and ", options.name);
  message += no_hit.is_asked ? fmt::format("it is not in the kernel cache: {}", no_hit.reason)
                             : fmt::format("the kernel cache is not asked for it: {}", no_hit.reason);
  if (const auto kernels = kernel_names(source, options); !kernels.empty()) message += "\nkernels: " + kernels;
  message += "\narchitecture: " + options.arch;
  if (!no_hit.key.empty()) message += "\nkey: " + no_hit.key;
  message += no_hit.is_asked
                 ? "\nPut it there with `cujitsu precompile MANIFEST` (a run with CUJITSU_RECORD=MANIFEST writes "
                   "the manifest) or `cujitsu cache import BUNDLE`, or unset CUJITSU_COMPILE"
                 : "\nThis compile can never be a hit as it is; see the reason above, or unset CUJITSU_COMPILE";
  CompileError::Details details;
  details.name = options.name;
  throw CompileForbiddenError(message, std::move(details), std::move(no_hit.key), std::move(no_hit.reason));
}

}  // namespace cujitsu
