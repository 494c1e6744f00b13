// SPDX-License-Identifier: MIT
// A device's memory: which addresses are allocated, to whom, and what a wrong one is near to.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cujitsu::softgpu {

class WrittenBytes;

/// One piece of memory that kernels may access.
struct Allocation {
  enum class Kind : std::uint8_t { device, constant, host, heap };  // constant: kernels may not write
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
  Kind kind = Kind::device;
  std::string label;  ///< a variable's name, or empty
};

/// Device addresses are real addresses within one reserved range of the process, so that copies and kernels use them as
/// they are. Any function may be called from any thread; lookups by running kernels take no lock.
class AddressSpace {
 public:
  /// `capacity`: bytes that can be allocated; more is out of memory. `tracks_writes`: see written_bytes.
  explicit AddressSpace(std::uint64_t capacity, bool tracks_writes = false);
  ~AddressSpace();
  AddressSpace(const AddressSpace&) = delete;
  AddressSpace& operator=(const AddressSpace&) = delete;

  /// 0 when there is no room. The address is 512-byte aligned, or as `alignment` (a power of two) asks; unmapped or
  /// poisoned memory lies around it. Filled with a poison pattern, as fresh memory of a GPU holds garbage.
  [[nodiscard]] std::uint64_t allocate(std::uint64_t bytes, Allocation::Kind kind = Allocation::Kind::device,
                                       std::string_view label = {}, std::uint64_t alignment = 512);
  /// False unless `address` is what allocate returned and is still allocated. The memory stays unusable for a while
  /// (quarantine), so that a use after free is noticed.
  bool release(std::uint64_t address);

  /// Makes page-locked host memory accessible to kernels, and takes it away again. It does not count as used.
  void add_host(void* data, std::uint64_t bytes);
  bool remove_host(void* data);

  /// The live allocation that `address` lies in.
  [[nodiscard]] std::optional<Allocation> find(std::uint64_t address) const;
  /// Whether [address, address + bytes) lies in one live allocation (true for 0 bytes).
  [[nodiscard]] bool contains(std::uint64_t address, std::uint64_t bytes) const;
  /// For people: "16 bytes past the end of 'table' (4096 bytes at 0x7f…)", "in memory that was freed (…)", "not near any
  /// allocation".
  [[nodiscard]] std::string describe(std::uint64_t address) const;

  [[nodiscard]] std::uint64_t capacity() const noexcept;
  [[nodiscard]] std::uint64_t used() const noexcept;

  /// For handlers: the bounds of the live allocation around an address. No lock; valid until the launch ends, because
  /// memory is not given back to the system while a kernel runs.
  struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;  ///< 0: there is none
    bool writable = false;
  };
  [[nodiscard]] Range range_of(std::uint64_t address) const noexcept;

  /// Which bytes of its allocations (not of host memory) have been written; nullptr: it does not track that. What is
  /// allocated has not been written.
  [[nodiscard]] WrittenBytes* written_bytes() const noexcept;
  /// Whoever writes there, or makes its content worthless, says so. Nothing happens without tracking, and outside.
  void mark_written(std::uint64_t address, std::uint64_t bytes) const noexcept;
  void forget_written(std::uint64_t address, std::uint64_t bytes) const noexcept;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace cujitsu::softgpu
