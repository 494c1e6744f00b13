// SPDX-License-Identifier: MIT
// From an address to the allocation around it, without a lock: one word for each chunk of the reserved addresses, and
// for chunks of small allocations one for each granule.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

namespace cujitsu::softgpu {

/// One thread at a time changes the table; any may look. Its memory is given back only with the table, so that a look-
/// up can meet a change at any point.
class RangeTable {
 public:
  static constexpr std::uint64_t chunk_bytes = 2u << 20;
  static constexpr std::uint64_t granule_bytes = 512;

  struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;  ///< 0: there is none
    bool writable = false;
  };

  RangeTable(std::uint64_t base, std::uint64_t bytes);

  /// The chunk at `chunk` (an address) holds small allocations from now on.
  void make_small(std::uint64_t chunk);
  /// An allocation within one small chunk; `begin` is a multiple of the granule.
  void add_small(std::uint64_t begin, std::uint64_t bytes, bool writable) noexcept;
  /// An allocation that begins a chunk and has all it reaches for itself.
  void add_large(std::uint64_t begin, std::uint64_t bytes, bool writable);
  void remove(std::uint64_t begin, std::uint64_t bytes) noexcept;

  [[nodiscard]] Range find(std::uint64_t address) const noexcept;

 private:
  static constexpr std::size_t granules = chunk_bytes / granule_bytes;
  static constexpr std::uint32_t writable_bit = 0x80000000u;

  struct Chunk {
    // Small allocations: for each granule 1 + the first granule of its allocation (0: free), and for each first granule
    // the allocation's size and writable_bit.
    bool is_small = false;
    std::unique_ptr<std::array<std::atomic<std::uint16_t>, granules>> first;
    std::unique_ptr<std::array<std::atomic<std::uint32_t>, granules>> sizes;
    // A large allocation.
    std::atomic<std::uint64_t> begin{0};
    std::atomic<std::uint64_t> end{0};
    std::atomic<bool> writable{false};
  };

  [[nodiscard]] std::atomic<Chunk*>& entry(std::uint64_t address) const noexcept {
    return entries_[(address - base_) / chunk_bytes];
  }

  std::uint64_t base_;
  std::uint64_t bytes_;
  std::unique_ptr<std::atomic<Chunk*>[]> entries_;
  std::deque<Chunk> chunks_;
  std::vector<Chunk*> unused_;  ///< large ones that were removed
};

}  // namespace cujitsu::softgpu
