// SPDX-License-Identifier: MIT
// Rows about softgpu. What one thread does is measured in CPU time of the process, which a busy machine disturbs less
// than the clock on the wall, and the least of several rounds counts.
#pragma once

#include <fmt/format.h>

#include <time.h>

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace cujitsu::bench {

inline double cpu_seconds_of(const auto& call) {
  const auto now = [] {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double start = now();
  call();
  return now() - start;
}

/// One JSON line, lower is better. Without a goal the row only tells.
inline void print_row(std::string_view name, std::string_view baseline_name, double ours, double baseline,
                      std::optional<double> goal) {
  fmt::print(R"({{"name": "softgpu: {}", "baseline": "{}", "ours_us": {:.6f}, "baseline_us": {:.6f}, )"
             R"("ratio": {:.4f}, "better": "lower", "target": {}}})"
             "\n",
             name, baseline_name, 1e6 * ours, 1e6 * baseline, ours / baseline,
             goal ? fmt::format("{}", *goal) : std::string("null"));
  std::fflush(stdout);
}

}  // namespace cujitsu::bench
