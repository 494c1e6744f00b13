// SPDX-License-Identifier: MIT
#include "softgpu/engine/checks/race_shadow.hpp"

#include "softgpu/engine/instruction.hpp"

#include <algorithm>
#include <new>

namespace cujitsu::softgpu {

RaceShadow::RaceShadow(std::uint32_t shared_bytes) : count_((shared_bytes + 3) / 4 + 1) { clear(); }

void RaceShadow::clear() {
  // All bits zero is an empty Word; calloc leaves what is large to the system, which gives it page by page.
  words_.reset();
  words_.reset(static_cast<Word*>(std::calloc(count_, sizeof(Word))));
  if (words_ == nullptr) throw std::bad_alloc();
}

std::uint8_t RaceShadow::unordered(const Clocks& clocks, const WordAccess& earlier, const WordAccess& access) noexcept {
  const auto common = static_cast<std::uint8_t>(earlier.bytes & access.bytes);
  if (common == 0 || (earlier.is_ordered && access.is_ordered)) return 0;
  return clocks.is_before({earlier.clock, earlier.thread}, access.thread) ? std::uint8_t{0} : common;
}

std::optional<RaceShadow::Conflict> RaceShadow::read(const Clocks& clocks, std::uint32_t word,
                                                     const WordAccess& access) {
  auto& at = words_.get()[word];
  for (const auto& earlier : at.writes)
    if (unordered(clocks, earlier, access) != 0) return Conflict{earlier, true};
  enter_read(clocks, at, access);
  return std::nullopt;
}

void RaceShadow::enter_write(Word& at, const WordAccess& access, std::uint8_t same) noexcept {
  WordAccess* empty = nullptr;
  for (auto& earlier : at.writes) {
    earlier.bytes &= static_cast<std::uint8_t>(~access.bytes);
    if (earlier.bytes == 0) empty = &earlier;
  }
  // Four writes of four different bytes fill the array; another one has emptied one of them.
  *empty = access;
  // These reads came before the write, and who comes after the write comes after them; but a write that changes nothing
  // need not come after them.
  for (auto& earlier : at.reads) earlier.bytes &= static_cast<std::uint8_t>(~access.bytes | same);
}

void RaceShadow::enter_read(const Clocks& clocks, Word& at, const WordAccess& access) noexcept {
  const auto is_covered = [&](const WordAccess& earlier) {
    return (earlier.bytes & ~access.bytes) == 0 && access.is_ordered <= earlier.is_ordered;
  };
  for (auto& earlier : at.reads) {
    if (earlier.bytes != 0 && (earlier.thread != access.thread || !is_covered(earlier))) continue;
    earlier = access;
    return;
  }
  // Whoever comes after this read comes after one that was before it too.
  for (auto& earlier : at.reads) {
    if (!is_covered(earlier) || !clocks.is_before({earlier.clock, earlier.thread}, access.thread)) continue;
    earlier = access;
    return;
  }
  // Reads of several warps are worth more than several of one: it is between warps that a barrier is missing.
  const auto warp_of = [](const WordAccess& it) { return it.thread / warp_size; };
  const auto worth = [&](const WordAccess& earlier) {
    const auto of_warp =
        std::ranges::count_if(at.reads, [&](const WordAccess& other) { return warp_of(other) == warp_of(earlier); });
    return of_warp == 1 ? 2 : warp_of(earlier) == warp_of(access) ? 0 : 1;
  };
  auto* victim = &at.reads[0];
  int least = worth(*victim);
  for (auto& candidate : at.reads) {
    const int value = worth(candidate);
    if (value > least || (value == least && candidate.clock >= victim->clock)) continue;
    victim = &candidate;
    least = value;
  }
  *victim = access;
}

}  // namespace cujitsu::softgpu
