// SPDX-License-Identifier: MIT
// Which bytes of a range of addresses have been written: a bit for each.
#pragma once

#include <atomic>
#include <cstdint>

namespace cujitsu::softgpu {

/// Takes memory only for the parts in which something was marked: an eighth of them. Any function may be called from any
/// thread.
class WrittenBytes {
 public:
  /// Nothing is written yet. Throws std::bad_alloc when the system has no addresses.
  WrittenBytes(std::uint64_t base, std::uint64_t bytes);
  ~WrittenBytes();
  WrittenBytes(const WrittenBytes&) = delete;
  WrittenBytes& operator=(const WrittenBytes&) = delete;

  [[nodiscard]] bool covers(std::uint64_t address) const noexcept { return address - base_ < bytes_; }
  /// All of [address, address + bytes) must be covered, here and below.
  void mark(std::uint64_t address, std::uint64_t bytes) noexcept;
  /// They count as not written again.
  void forget(std::uint64_t address, std::uint64_t bytes) noexcept;
  /// A bit for each of up to 64 bytes that is not written, the lowest for the first. What is not covered counts as not
  /// written.
  [[nodiscard]] std::uint64_t unwritten(std::uint64_t address, unsigned bytes) const noexcept;

 private:
  template <class Change>
  void change(std::uint64_t address, std::uint64_t bytes, const Change& change) noexcept;

  std::uint64_t base_;
  std::uint64_t bytes_;
  std::uint64_t words_;
  std::atomic<std::uint64_t>* bits_;
};

}  // namespace cujitsu::softgpu
