// SPDX-License-Identifier: MIT
// Which addresses of a region are free: best fit, neighbours joined.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>

namespace cujitsu::softgpu {

/// Not for several threads at once.
class Extents {
 public:
  /// Free pieces are never joined across a multiple of `boundary`; 0: there is none.
  explicit Extents(std::uint64_t boundary = 0) : boundary_(boundary) {}

  struct Extent {
    std::uint64_t begin = 0;
    std::uint64_t bytes = 0;
  };

  /// Gives [begin, begin + bytes) to the free ones; returns the free piece that it is now part of.
  Extent add(std::uint64_t begin, std::uint64_t bytes);
  /// Takes `bytes` at a multiple of `alignment` out of the smallest piece that has them. bytes 0: there is none.
  [[nodiscard]] Extent take(std::uint64_t bytes, std::uint64_t alignment);

 private:
  void insert(std::uint64_t begin, std::uint64_t bytes);
  void erase(std::map<std::uint64_t, std::uint64_t>::iterator piece);

  std::uint64_t boundary_;
  std::map<std::uint64_t, std::uint64_t> by_address_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> by_size_;  ///< size, address
};

}  // namespace cujitsu::softgpu
