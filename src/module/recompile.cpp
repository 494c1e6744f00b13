// SPDX-License-Identifier: MIT
#include <cujitsu/recompile.hpp>

#include "base/text.hpp"
#include "compile/options.hpp"
#include "driver/driver.hpp"
#include "module/recording.hpp"
#include "module/stored_compile.hpp"
#include "nvrtc/nvrtc.hpp"

#include <cujitsu/compile.hpp>
#include <cujitsu/errors.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cujitsu {
namespace {

/// Where two parts differ; empty where they do not.
std::string part_difference(std::string_view part, std::string_view stored, std::string_view fresh) {
  if (stored == fresh) return {};
  const auto most = std::min(stored.size(), fresh.size());
  std::size_t at = 0;
  while (at < most && stored[at] == fresh[at]) ++at;
  auto text = fmt::format("{} differs from byte {} on", part, at);
  if (stored.size() != fresh.size()) text += fmt::format(" ({} bytes stored, {} now)", stored.size(), fresh.size());
  return text;
}

class Recompiler {
 public:
  explicit Recompiler(KernelCache& cache)
      : cache_(cache), nvrtc_(nvrtc::load(*nvrtc::require_toolkit(driver::version_or_zero() / 1000))) {}

  /// Sets the outcome and the detail of `result`, which names the entry.
  void check(RecompiledEntry& result, double& seconds) const {
    const auto settle = [&](RecompileOutcome outcome, std::string detail) {
      result.outcome = outcome;
      result.detail = std::move(detail);
    };
    const auto stored = find_stored_compile(cache_, result.key);
    const auto& code = stored.entry.code;
    if (!knows(code.arch))
      return settle(RecompileOutcome::skipped,
                    fmt::format("NVRTC {}.{} does not know {}", nvrtc_.major, nvrtc_.minor, code.arch));
    if (const auto changes = changes_since(stored); !changes.empty())
      return settle(RecompileOutcome::skipped, text::join(changes, "; "));
    const RecordingPause pause;
    const auto fresh = compile(stored.entry.source, stored.request(), nullptr);
    seconds += fresh.seconds;
    std::vector<std::string> parts;
    for (auto part : {part_difference("PTX", code.ptx, fresh.ptx), part_difference("cubin", code.cubin, fresh.cubin)})
      if (!part.empty()) parts.push_back(std::move(part));
    if (!parts.empty()) settle(RecompileOutcome::differs, text::join(parts, "; "));
  }

 private:
  [[nodiscard]] bool knows(const std::string& arch) const {
    try {
      compiler::check_arch(arch, nvrtc_.architectures, "NVRTC");
      return true;
    } catch (const ArgumentError&) {
      return false;
    }
  }

  KernelCache& cache_;
  const nvrtc::Nvrtc& nvrtc_;
};

void count(RecompileReport& report, RecompileOutcome outcome) {
  switch (outcome) {
    case RecompileOutcome::same: ++report.same; break;
    case RecompileOutcome::differs: ++report.differing; break;
    case RecompileOutcome::skipped: ++report.skipped; break;
    case RecompileOutcome::failed: ++report.failed; break;
  }
}

std::string first_line(std::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

}  // namespace

RecompileReport recompile(KernelCache& cache, const CacheFilter& filter, const RecompileProgress& progress) {
  RecompileReport report;
  const auto entries = cache.list(filter);
  if (entries.empty()) return report;
  const Recompiler recompiler(cache);
  std::uint64_t done = 0;
  for (const auto& summary : entries) {
    RecompiledEntry result{summary.key, summary.path, summary.name, RecompileOutcome::same, {}};
    try {
      recompiler.check(result, report.seconds);
    } catch (const Error& error) {  // a bad entry is told, and the others are still looked at
      result.outcome = RecompileOutcome::failed;
      result.detail = first_line(error.what());
    }
    count(report, result.outcome);
    if (result.outcome != RecompileOutcome::same) report.entries.push_back(std::move(result));
    if (progress) progress(++done, entries.size());
  }
  return report;
}

std::string_view to_string(RecompileOutcome outcome) noexcept {
  switch (outcome) {
    case RecompileOutcome::same: return "same";
    case RecompileOutcome::differs: return "differs";
    case RecompileOutcome::skipped: return "skipped";
    case RecompileOutcome::failed: return "failed";
  }
  return "failed";
}

}  // namespace cujitsu
