// SPDX-License-Identifier: MIT
#include "softgpu/engine/checks/barrier_check.hpp"

#include "softgpu/engine/checks/describe.hpp"
#include "softgpu/engine/checks/flow.hpp"
#include "softgpu/engine/checks/observe.hpp"
#include "softgpu/engine/control.hpp"
#include "softgpu/engine/execution.hpp"
#include "softgpu/engine/scheduler.hpp"

#include <fmt/format.h>

#include <bit>
#include <string>
#include <utility>

namespace cujitsu::softgpu {
namespace {

constexpr int launch_failed = 719;
constexpr const char* title = "divergent barrier";

bool waits_at(const Split& split, std::uint32_t number) noexcept {
  return split.state == Split::State::at_barrier && split.barrier == number;
}

const Observation& observation_of(const Split& split) { return observation_of(*split.frame->program, split.next); }

std::string thread_text(const WarpState& warp, std::uint32_t lanes) {
  const auto thread = thread_index(warp, static_cast<std::uint32_t>(std::countr_zero(lanes)));
  return fmt::format("thread ({}, {}, {})", thread[0], thread[1], thread[2]);
}

void report(Warp& warp, const Instruction* in, std::string what) {
  const auto lane = static_cast<std::uint32_t>(std::countr_zero(warp.active));
  warp.block->checks->report(warp, {.code = launch_failed, .lane = lane, .instruction = in}, {title, std::move(what)});
}

void stop(Block& block, const WarpState& warp, const Split& split, const std::string& what) {
  const auto lane = static_cast<std::uint32_t>(std::countr_zero(split.lanes));
  const auto& seen = observation_of(split);
  stop_launch(
      *block.launch, launch_failed,
      describe_finding(title, warp, lane, source_text(*block.launch, *seen.program, seen.location)) + ": " + what);
}

bool counts_threads(const Split& split) noexcept { return (split.next->code & control::barrier_code::has_count) != 0; }

}  // namespace

bool BarrierCheck::arrive(Warp& warp, const Instruction* in, std::uint32_t number, std::uint32_t count) {
  const auto whole_block = (warp.launch->threads_per_block + warp_size - 1) / warp_size * warp_size;
  const auto expected = count == 0 ? whole_block : count;
  auto& before = expected_[number];
  if (before == 0 || before == expected) {
    before = expected;
    return true;
  }
  report(warp, in, fmt::format("barrier {} for {} threads, while others wait there for {}", number, expected, before));
  return false;
}

void BarrierCheck::complete(Block& block, std::uint32_t number) {
  expected_[number] = 0;
  const Split* first = nullptr;
  const WarpState* first_warp = nullptr;
  for (const auto& warp : block.warps) {
    const Split* of_warp = nullptr;
    std::uint32_t waiting = 0;
    for (const auto& split : warp->splits) {
      if (!waits_at(split, number)) continue;
      waiting |= split.lanes;
      const auto* other = of_warp;
      const auto* other_warp = warp.get();
      of_warp = &split;
      if (other == nullptr && !counts_threads(split)) {
        other = first;
        other_warp = first_warp;
      }
      if (first == nullptr && !counts_threads(split)) {
        first = &split;
        first_warp = warp.get();
      }
      if (other == nullptr || other->next == split.next) continue;
      const auto& seen = observation_of(split);
      const auto& others = observation_of(*other);
      if (!seen.is_aligned && !others.is_aligned) continue;
      return stop(block, *warp, split,
                  fmt::format("barrier {}, while {} waits at the one{}", number, thread_text(*other_warp, other->lanes),
                              source_text(*block.launch, *others.program, others.location)));
    }
    if (of_warp != nullptr && waiting != warp->live && observation_of(*of_warp).is_aligned)
      return stop(block, *warp, *of_warp,
                  fmt::format("barrier {} was met by {} of the {} threads of the warp that have not exited", number,
                              std::popcount(waiting), std::popcount(warp->live)));
  }
}

bool BarrierCheck::has_passed_by(const Program& program, std::uint32_t barrier, std::uint32_t at) {
  const auto [entry, is_new] = passed_by_.try_emplace({&program, {barrier, at}}, false);
  if (is_new) entry->second = can_follow(*program.function, barrier, at) && !can_follow(*program.function, at, barrier);
  return entry->second;
}

bool BarrierCheck::access(const WarpAccess& access) {
  auto& warp = static_cast<WarpState&>(access.warp);
  // `if (i >= n) { p[i] = 0; return; } __syncthreads(); …; p[i] = x;` may have one store for both, with the value that
  // the way there has left: nobody who comes early has passed anything by.
  if (warp.active == warp.live || access.seen.depends_on_path) return true;
  for (const auto& split : warp.splits) {
    // A function that a barrier's own function calls is not compared with it, nor another call of the same function.
    if (split.state != Split::State::at_barrier || split.frame != warp.frame) continue;
    const auto& barrier = observation_of(split);
    if (!barrier.is_aligned || !has_passed_by(*warp.frame->program, barrier.location, access.seen.location)) continue;
    report(warp, access.in,
           fmt::format("the barrier{} was passed by, where {} of the same warp waits",
                       source_text(*warp.launch, *barrier.program, barrier.location), thread_text(warp, split.lanes)));
    return false;
  }
  return true;
}

bool BarrierCheck::deadlock(Block& block) {
  for (const auto& warp : block.warps)
    for (const auto& split : warp->splits) {
      if (split.state != Split::State::at_barrier) continue;
      std::uint32_t threads = 0;
      for (const auto& each : block.warps)
        for (const auto& other : each->splits)
          if (waits_at(other, split.barrier)) threads += static_cast<std::uint32_t>(std::popcount(other.lanes));
      stop(block, *warp, split,
           fmt::format("barrier {} waits for {} threads; {} wait there, {} have arrived and gone on, and nobody else "
                       "can come",
                       split.barrier, expected_[split.barrier], threads, block.barriers[split.barrier].arrivals));
      return true;
    }
  return false;
}

}  // namespace cujitsu::softgpu
