// SPDX-License-Identifier: MIT
// How a row is measured: ours and the baseline in turn, in one process, medians compared.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

namespace cujitsu::bench {

inline double seconds_of(const auto& call) {
  const auto start = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values.empty() ? 0 : values[values.size() / 2];
}

/// Runs both `rounds` times, taking turns so that a drift of the machine meets both, and prints one JSON line.
/// `better`: "lower" compares times, "higher" compares speeds (baseline time / our time).
inline void compare(const std::string& name, const std::string& baseline_name, int rounds, const char* better,
                    double target, const auto& ours, const auto& baseline) {
  std::vector<double> our_times;
  std::vector<double> baseline_times;
  for (int i = 0; i < rounds; ++i) {
    if (i % 2 == 0) our_times.push_back(seconds_of(ours));
    baseline_times.push_back(seconds_of(baseline));
    if (i % 2 != 0) our_times.push_back(seconds_of(ours));
  }
  const double mine = median(our_times);
  const double theirs = median(baseline_times);
  const double ratio = std::string_view(better) == "lower" ? mine / theirs : theirs / mine;
  fmt::print(R"({{"name": "{}", "baseline": "{}", "ours_us": {:.3f}, "baseline_us": {:.3f}, "ratio": {:.4f}, )"
             R"("better": "{}", "target": {}}})"
             "\n",
             name, baseline_name, 1e6 * mine, 1e6 * theirs, ratio, better, target);
  std::fflush(stdout);
}

}  // namespace cujitsu::bench
