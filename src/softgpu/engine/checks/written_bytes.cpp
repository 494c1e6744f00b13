// SPDX-License-Identifier: MIT
#include "softgpu/engine/checks/written_bytes.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace cujitsu::softgpu {
namespace {

constexpr std::uint64_t page_bytes = 4096;
constexpr std::uint64_t words_of_page = page_bytes / sizeof(std::uint64_t);
constexpr std::uint64_t worth_giving_back = 16 * words_of_page;

/// The lowest `count` bits.
std::uint64_t low_bits(std::uint64_t count) noexcept { return count >= 64 ? ~0ull : (1ull << count) - 1; }

}  // namespace

WrittenBytes::WrittenBytes(std::uint64_t base, std::uint64_t bytes)
    : base_(base), bytes_(bytes), words_((bytes + 63) / 64 + 2) {
  // Pages that were never touched read as zeros and take no memory.
  void* memory = ::mmap(nullptr, words_ * sizeof(std::uint64_t), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  bits_ = static_cast<std::atomic<std::uint64_t>*>(memory);
}

WrittenBytes::~WrittenBytes() { ::munmap(static_cast<void*>(bits_), words_ * sizeof(std::uint64_t)); }

/// Calls `change(word, mask)` for each word with the bits that are meant.
template <class Change>
void WrittenBytes::change(std::uint64_t address, std::uint64_t bytes, const Change& change) noexcept {
  std::uint64_t at = address - base_;
  while (bytes != 0) {
    const std::uint64_t first = at % 64;
    const std::uint64_t count = std::min<std::uint64_t>(bytes, 64 - first);
    change(at / 64, low_bits(count) << first);
    at += count;
    bytes -= count;
  }
}

void WrittenBytes::mark(std::uint64_t address, std::uint64_t bytes) noexcept {
  change(address, bytes, [this](std::uint64_t word, std::uint64_t mask) {
    auto& bits = bits_[word];
    // Most writes go where others went before.
    if ((bits.load(std::memory_order_relaxed) & mask) != mask) bits.fetch_or(mask, std::memory_order_relaxed);
  });
}

void WrittenBytes::forget(std::uint64_t address, std::uint64_t bytes) noexcept {
  const std::uint64_t begin = (address - base_ + 63) / 64;
  const std::uint64_t end = (address - base_ + bytes) / 64;
  if (end > begin && end - begin >= worth_giving_back) {
    const std::uint64_t first_page = (begin + words_of_page - 1) / words_of_page * words_of_page;
    const std::uint64_t last_page = end / words_of_page * words_of_page;
    if (::madvise(static_cast<void*>(bits_ + first_page), (last_page - first_page) * sizeof(std::uint64_t),
                  MADV_DONTNEED) == 0) {
      const std::uint64_t whole_begin = base_ + first_page * 64;
      const std::uint64_t whole_end = base_ + last_page * 64;
      forget(address, whole_begin - address);
      forget(whole_end, address + bytes - whole_end);
      return;
    }
  }
  change(address, bytes, [this](std::uint64_t word, std::uint64_t mask) {
    auto& bits = bits_[word];
    if ((bits.load(std::memory_order_relaxed) & mask) != 0) bits.fetch_and(~mask, std::memory_order_relaxed);
  });
}

std::uint64_t WrittenBytes::unwritten(std::uint64_t address, unsigned bytes) const noexcept {
  const std::uint64_t at = address - base_;
  const std::uint64_t shift = at % 64;
  // There is always a word behind the last one.
  std::uint64_t written = bits_[at / 64].load(std::memory_order_relaxed) >> shift;
  if (shift + bytes > 64) written |= bits_[at / 64 + 1].load(std::memory_order_relaxed) << (64 - shift);
  return ~written & low_bits(bytes);
}

}  // namespace cujitsu::softgpu
