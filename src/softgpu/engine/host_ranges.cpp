// SPDX-License-Identifier: MIT
#include "softgpu/engine/host_ranges.hpp"

#include <algorithm>

namespace cujitsu::softgpu {

HostRanges::~HostRanges() { delete snapshot_.load(); }

void HostRanges::add(std::uint64_t begin, std::uint64_t bytes) {
  ranges_[begin] = bytes;
  publish();
}

bool HostRanges::remove(std::uint64_t begin) {
  if (ranges_.erase(begin) == 0) return false;
  publish();
  return true;
}

void HostRanges::publish() {
  auto next = std::make_unique<Snapshot>();
  next->reserve(ranges_.size());
  for (const auto& [begin, bytes] : ranges_) next->push_back({begin, begin + bytes});
  retired_.reserve(retired_.size() + 1);
  retired_.emplace_back(snapshot_.exchange(next.release()));
  // A reader counts itself before it takes the snapshot: with none counted after the exchange, none has an old one.
  if (readers_.load() == 0) retired_.clear();
}

HostRanges::Range HostRanges::find(std::uint64_t address) const noexcept {
  readers_.fetch_add(1);
  Range found;
  if (const Snapshot* snapshot = snapshot_.load(); snapshot != nullptr) {
    const auto after = std::upper_bound(snapshot->begin(), snapshot->end(), address,
                                        [](std::uint64_t value, const Range& range) { return value < range.begin; });
    if (after != snapshot->begin() && address < (after - 1)->end) found = *(after - 1);
  }
  readers_.fetch_sub(1);
  return found;
}

}  // namespace cujitsu::softgpu
