// SPDX-License-Identifier: MIT
#include "cache/usage_counter.hpp"

#include <chrono>
#include <utility>

namespace cujitsu {
namespace {

constexpr std::int64_t mark_after = 3600;  // seconds

std::int64_t seconds_since_1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

/// Also refuses NaN: a stored number may be anything.
double sane(double seconds) noexcept { return seconds > 0 && seconds < 1e9 ? seconds : 0; }

bool is_zero(const CacheCounters& counters) noexcept {
  return counters.hits == 0 && counters.misses == 0 && counters.bypasses == 0 && counters.bytes_written == 0;
}

}  // namespace

template <class Count>
void UsageCounter::count(const Count& count) {
  auto& state = state_.get();
  const std::lock_guard lock(state.mutex);
  count(state.all);
  count(state.unpublished);
}

bool UsageCounter::count_hit(const Hit& hit) {
  const auto now = seconds_since_1970();
  auto& state = state_.get();
  const std::lock_guard lock(state.mutex);
  for (auto* counters : {&state.all, &state.unpublished}) {
    ++counters->hits;
    counters->bytes_read += hit.bytes;
    counters->seconds_saved += sane(hit.seconds);
  }
  auto& of_key = state.keys[hit.key];
  ++of_key.hits;
  if (hit.modified + mark_after > now || of_key.marked + mark_after > now) return false;
  of_key.marked = now;
  return true;
}

void UsageCounter::count_shared(double seconds) {
  count([&](CacheCounters& counters) {
    ++counters.hits;
    counters.seconds_saved += sane(seconds);
  });
}

void UsageCounter::count_miss(double seconds) {
  count([&](CacheCounters& counters) {
    ++counters.misses;
    counters.seconds_compiling += sane(seconds);
  });
}

void UsageCounter::count_bypass(double seconds) {
  count([&](CacheCounters& counters) {
    ++counters.bypasses;
    counters.seconds_compiling += sane(seconds);
  });
}

void UsageCounter::count_written(std::uint64_t bytes) {
  count([&](CacheCounters& counters) { counters.bytes_written += bytes; });
}

CacheCounters UsageCounter::counters() {
  auto& state = state_.get();
  const std::lock_guard lock(state.mutex);
  return state.all;
}

Usage UsageCounter::unpublished() {
  auto& state = state_.get();
  const std::lock_guard lock(state.mutex);
  Usage result;
  result.counters = state.unpublished;
  for (const auto& [key, of_key] : state.keys)
    if (of_key.hits != 0) result.hits[key] = of_key.hits;
  return result;
}

void UsageCounter::publish(const std::string& folder, const FrameKey* key) {
  auto& state = state_.get();
  Usage usage;
  {
    const std::lock_guard lock(state.mutex);
    usage.counters = std::exchange(state.unpublished, {});
    for (auto& [hex, of_key] : state.keys)
      if (of_key.hits != 0) usage.hits[hex] = std::exchange(of_key.hits, 0);
  }
  if (is_zero(usage.counters) || usage_files::publish(folder, usage, key)) return;
  const std::lock_guard lock(state.mutex);
  add(state.unpublished, usage.counters);
  for (const auto& [hex, hits] : usage.hits) state.keys[hex].hits += hits;
}

}  // namespace cujitsu
