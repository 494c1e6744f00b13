// SPDX-License-Identifier: MIT
// Page-locked host memory that kernels may use: few ranges, anywhere, looked up without a lock.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace cujitsu::softgpu {

/// One thread at a time changes it; any may look at the same time.
class HostRanges {
 public:
  struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;  ///< 0: there is none
  };

  HostRanges() = default;
  ~HostRanges();
  HostRanges(const HostRanges&) = delete;
  HostRanges& operator=(const HostRanges&) = delete;

  void add(std::uint64_t begin, std::uint64_t bytes);
  bool remove(std::uint64_t begin);

  [[nodiscard]] Range find(std::uint64_t address) const noexcept;
  /// By address, with their sizes. Only for the thread that changes it.
  [[nodiscard]] const std::map<std::uint64_t, std::uint64_t>& all() const noexcept { return ranges_; }

 private:
  using Snapshot = std::vector<Range>;
  void publish();

  std::map<std::uint64_t, std::uint64_t> ranges_;
  std::atomic<const Snapshot*> snapshot_{nullptr};
  std::vector<std::unique_ptr<const Snapshot>> retired_;  ///< that a reader may still look at
  mutable std::atomic<std::uint32_t> readers_{0};
};

}  // namespace cujitsu::softgpu
