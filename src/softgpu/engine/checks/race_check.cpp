// SPDX-License-Identifier: MIT
#include "softgpu/engine/checks/race_check.hpp"

#include "softgpu/engine/checks/describe.hpp"
#include "softgpu/engine/execution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace cujitsu::softgpu {
namespace {

constexpr std::uint32_t most_bytes = 32;
using Bytes = std::array<std::byte, most_bytes>;

std::uint32_t thread_of(const Warp& warp, unsigned lane) noexcept { return warp.index * warp_size + lane; }

/// The places whose order an access to [address, address + bytes) takes part in, by words of eight bytes.
struct Places {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint32_t base = 0;
  std::uint32_t count = 1;
  template <class Body>
  void for_each(const Body& body) const {
    for (auto i = first; i <= last; ++i) body(base + static_cast<std::uint32_t>(i % count));
  }
};

Places places_of(const WarpAccess& access, unsigned lane) noexcept {
  const bool is_shared = access.is_shared(lane);
  const auto begin = is_shared ? access.shared_offset(lane) : access.real[lane];
  const auto last = begin + access.seen.bytes - 1;
  return is_shared ? Places{begin / 8, last / 8, 0, Clocks::shared_places}
                   : Places{begin / 8, last / 8, Clocks::shared_places, Clocks::global_places};
}

/// What a lane's store is about to write.
Bytes stored_bytes(const WarpAccess& access, unsigned lane) noexcept {
  Bytes bytes{};
  const auto& seen = access.seen;
  const auto count = static_cast<std::uint32_t>(seen.elements.size());
  const auto* slots = count == 1 ? &access.in->b : static_cast<const std::uint32_t*>(access.in->data);
  for (std::uint32_t i = 0; i < count; ++i) {
    auto* to = bytes.data() + i * seen.element_bytes;
    const auto at = slots[i];
    if (seen.element_bytes == 16) {  // the low halves of all lanes, then the high ones
      const auto* halves = slot<const std::uint64_t>(access.warp, at);
      std::memcpy(to, halves + lane, 8);
      std::memcpy(to + 8, halves + warp_size + lane, 8);
    } else if (seen.element_bytes == 8 || is_wide_register(access.in)) {
      std::memcpy(to, slot<const std::uint64_t>(access.warp, at) + lane, seen.element_bytes);
    } else {
      std::memcpy(to, slot<const std::uint32_t>(access.warp, at) + lane, seen.element_bytes);
    }
  }
  return bytes;
}

/// The bytes of [begin, begin + bytes) that lie in word `word`, as bits.
std::uint8_t bytes_in_word(std::uint64_t begin, std::uint64_t bytes, std::uint32_t word) noexcept {
  if (bytes % 4 == 0) return 15;  // an access is aligned to its size
  const auto first = std::max<std::uint64_t>(begin, std::uint64_t{word} * 4);
  const auto end = std::min<std::uint64_t>(begin + bytes, std::uint64_t{word} * 4 + 4);
  std::uint8_t bits = 0;
  for (auto at = first; at < end; ++at) bits = static_cast<std::uint8_t>(bits | 1u << at % 4);
  return bits;
}

}  // namespace

void RaceCheck::start(std::uint32_t threads) {
  if (!clocks_.start(threads)) shadow_.clear();
}

bool RaceCheck::access(const WarpAccess& access) {
  return for_lanes(access.warp.active, [&](unsigned lane) { return lane_access(access, lane); });
}

bool RaceCheck::lane_access(const WarpAccess& access, unsigned lane) {
  const auto& seen = access.seen;
  const bool is_shared = access.is_shared(lane);
  if (!is_shared && (!seen.is_ordered || access.is_local(lane))) return true;
  const auto thread = thread_of(access.warp, lane);
  if (seen.acquires) places_of(access, lane).for_each([&](std::uint32_t place) { clocks_.acquire(thread, place); });
  if (is_shared && !shared_access(access, lane)) return false;
  if (seen.releases) places_of(access, lane).for_each([&](std::uint32_t place) { clocks_.release(thread, place); });
  return true;
}

bool RaceCheck::shared_access(const WarpAccess& access, unsigned lane) {
  auto& warp = access.warp;
  const auto& seen = access.seen;
  const auto thread = thread_of(warp, lane);
  const auto begin = access.shared_offset(lane);
  WordAccess entry{&seen, clocks_.now(thread).clock, static_cast<std::uint16_t>(thread), 0, seen.is_ordered};
  Bytes stored{};
  const bool is_store = seen.kind == Observation::Kind::write;
  if (is_store) stored = stored_bytes(access, lane);
  const auto last = static_cast<std::uint32_t>((begin + seen.bytes - 1) / 4);
  for (auto word = static_cast<std::uint32_t>(begin / 4); word <= last; ++word) {
    entry.bytes = bytes_in_word(begin, seen.bytes, word);
    std::optional<RaceShadow::Conflict> conflict;
    if (seen.kind == Observation::Kind::read) {
      conflict = shadow_.read(clocks_, word, entry);
    } else {
      std::uint8_t same = 0;
      for (unsigned i = 0; is_store && i < 4; ++i) {
        const auto offset = std::uint64_t{word} * 4 + i;
        if ((entry.bytes >> i & 1) != 0 && stored[offset - begin] == warp.shared[offset])
          same = static_cast<std::uint8_t>(same | 1u << i);
      }
      // Lanes that store together: memory does not show yet what the ones before this one store.
      const auto same_as = [&](const WordAccess& earlier, std::uint8_t bytes) {
        const unsigned other = earlier.thread % warp_size;
        if (!is_store || earlier.by != &seen || earlier.thread / warp_size != warp.index || other >= lane ||
            (warp.active >> other & 1) == 0 || !access.is_shared(other))
          return false;
        const auto others = stored_bytes(access, other);
        const auto other_begin = access.shared_offset(other);
        for (unsigned i = 0; i < 4; ++i) {
          const auto offset = std::uint64_t{word} * 4 + i;
          if ((bytes >> i & 1) != 0 &&
              (offset - other_begin >= seen.bytes || others[offset - other_begin] != stored[offset - begin]))
            return false;
        }
        return true;
      };
      conflict = shadow_.write(clocks_, word, entry, same, same_as);
    }
    if (!conflict) continue;
    report(access, lane, *conflict);
    return false;
  }
  return true;
}

void RaceCheck::report(const WarpAccess& access, unsigned lane, const RaceShadow::Conflict& conflict) {
  auto& warp = access.warp;
  const auto& launch = *warp.launch;
  const auto& earlier = conflict.earlier;
  const auto other = thread_index(launch, earlier.thread);
  const char* const what = earlier.by->kind == Observation::Kind::atomic ? "atomic"
                           : conflict.is_write                           ? "write"
                                                                         : "read";
  // Whoever does the same at the same time, or atomically, does not lack a barrier.
  const bool lacks_barrier = earlier.by != &access.seen && !earlier.is_ordered && !access.seen.is_ordered;
  const char* const barrier = earlier.thread / warp_size == warp.index ? "__syncwarp()" : "__syncthreads()";
  warp.block->checks->report(
      warp,
      {.code = 719,
       .lane = lane,
       .instruction = access.in,
       .address = access.shared_offset(lane),
       .bytes = access.seen.bytes,
       .what = text_of(access.seen.kind)},
      {"data race", fmt::format("{}; not ordered with the {} by thread ({}, {}, {}){}{}",
                                shared_place(launch, access.shared_offset(lane)), what, other[0], other[1], other[2],
                                source_text(launch, *earlier.by->program, earlier.by->location),
                                lacks_barrier ? fmt::format(": a {} between them would order it", barrier) : "")});
}

void RaceCheck::barrier_arrive(const Warp& warp, std::uint32_t number) {
  for_lanes(warp.active, [&](unsigned lane) {
    clocks_.arrive(thread_of(warp, lane), number);
    return true;
  });
}

void RaceCheck::barrier_complete(const Block& block, std::uint32_t number) {
  std::vector<std::uint32_t> waiting;
  for (const auto& warp : block.warps)
    for (const auto& split : warp->splits)
      if (split.state == Split::State::at_barrier && split.barrier == number)
        for_lanes(split.lanes, [&](unsigned lane) {
          waiting.push_back(thread_of(*warp, lane));
          return true;
        });
  clocks_.leave(waiting, number);
  if (waiting.size() + block.exited == block.threads) clocks_.join_all();
}

void RaceCheck::warp_barrier(const Warp& warp, std::uint32_t lanes) {
  std::array<std::uint32_t, warp_size> threads;
  std::size_t count = 0;
  for_lanes(lanes, [&](unsigned lane) {
    threads[count++] = thread_of(warp, lane);
    return true;
  });
  clocks_.join({threads.data(), count});
}

}  // namespace cujitsu::softgpu
