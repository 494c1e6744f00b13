// SPDX-License-Identifier: MIT
#include "softgpu/engine/scheduler.hpp"

#include "softgpu/engine/collectives.hpp"
#include "softgpu/engine/control.hpp"

#include <algorithm>
#include <bit>
#include <vector>

namespace cujitsu::softgpu {
namespace {

// Backward branches that lanes may take before those who wait get a turn. A spin lock between lanes of a warp needs few;
// between warps a turn should be long, because another warp's registers have to come into the cache.
constexpr std::uint32_t turn_of_split = 64;
constexpr std::uint32_t turn_of_warp = 4096;
// Turns that all warps of a block take before another block gets the thread.
constexpr unsigned turns_of_block = 32;

enum class WarpOutcome : std::uint8_t { finished, blocked, yielded, fault };

/// Deepest call first: its lanes must come back before the others can be joined. Then lowest instruction first, which in
/// the order that compilers emit joins lanes where their paths meet.
bool goes_before(const Split& a, const Split& b) noexcept {
  if (a.frame->depth != b.frame->depth) return a.frame->depth > b.frame->depth;
  if (a.frame != b.frame)
    return a.frame->program != b.frame->program ? a.frame->program < b.frame->program : a.frame < b.frame;
  return a.next < b.next;
}

/// The split that goes on, taken out of the list together with all that are at the same place; lanes 0: there is none.
Split take_next(WarpState& warp, bool longest_waiting) {
  auto& splits = warp.splits;
  if (splits.size() == 1) {  // a warp that does not diverge, between two barriers
    if (splits.front().state != Split::State::runnable) return {};
    const Split only = splits.front();
    splits.clear();
    return only;
  }
  std::size_t best = splits.size();
  for (std::size_t i = 0; i < splits.size(); ++i) {
    if (splits[i].state != Split::State::runnable) continue;
    if (best == splits.size() ||
        (longest_waiting ? splits[i].last_run < splits[best].last_run : goes_before(splits[i], splits[best])))
      best = i;
  }
  if (best == splits.size()) return {};
  return take_split(warp, best);
}

/// Where the running lanes meet others: the lowest instruction of the same frame behind `from` at which some wait.
const Instruction* meeting_point(const WarpState& warp, const Split& running) {
  const auto& program = *running.frame->program;
  const Instruction* nearest = program.code.data() + program.code.size();
  for (const auto& split : warp.splits)
    if (split.state == Split::State::runnable && split.frame == running.frame && split.next > running.next)
      nearest = std::min(nearest, split.next);
  return nearest;
}

/// Runs a split until it stops; Warp::event says why.
void execute(WarpState& warp, const Split& split) {
  warp.active = split.lanes;
  warp.event = Event::none;
  use_frame(warp, split.frame);
  const Instruction* next = split.next;
  if (warp.active == warp.live) {
    warp.slice = turn_of_warp;
    while (next != nullptr) next = next->whole(warp, next);
    return;
  }
  control::set_mask_words(warp, warp.active);
  warp.slice = turn_of_split;
  const auto* stop = meeting_point(warp, split);
  do next = next->masked(warp, next);
  while (next != nullptr && next < stop);
  if (next == nullptr) return;
  warp.splits.push_back({.next = next, .lanes = warp.active, .frame = warp.frame});
  warp.event = Event::diverged;
}

WarpOutcome run_warp(WarpState& warp) {
  unsigned yields = 0;
  bool rotate = false;
  for (;;) {
    if (warp.launch->stopped.load(std::memory_order_relaxed)) return WarpOutcome::fault;
    auto split = take_next(warp, rotate);
    if (split.lanes == 0) return warp.live == 0 ? WarpOutcome::finished : WarpOutcome::blocked;
    rotate = false;
    const auto before = warp.splits.size();
    execute(warp, split);
    ++warp.step;
    if (warp.event == Event::fault) return WarpOutcome::fault;
    // whatever has come into the list since has just run
    for (std::size_t i = std::min(before, warp.splits.size()); i < warp.splits.size(); ++i)
      warp.splits[i].last_run = warp.step;
    if (warp.event != Event::yielded) continue;
    if (++yields > warp.splits.size()) return WarpOutcome::yielded;
    rotate = true;
  }
}

void release(Block& block, std::uint32_t number) {
  if (block.checks != nullptr) block.checks->barrier_complete(block, number);
  std::uint32_t count = 0;
  bool all = true;
  bool any = false;
  const auto for_waiting = [&](const auto& body) {
    for (auto& warp : block.warps)
      for (auto& split : warp->splits)
        if (split.state == Split::State::at_barrier && split.barrier == number) body(split);
  };
  namespace code = control::barrier_code;
  constexpr auto reduces = code::red_popc | code::red_and | code::red_or;
  const auto words = [](const Split& split, std::uint32_t offset) {
    return reinterpret_cast<std::uint32_t*>(split.frame->registers + offset);
  };
  const auto count_one = [&](const Split& split) {
    if ((split.next->code & reduces) == 0) return;
    const bool negated = (split.next->code & code::negated) != 0;
    for (auto rest = split.lanes; rest != 0; rest &= rest - 1) {
      const bool value = (words(split, split.next->c)[std::countr_zero(rest)] != 0) != negated;
      count += value ? 1 : 0;
      all = all && value;
      any = any || value;
    }
  };
  if (block.barriers[number].reduces) for_waiting(count_one);
  for_waiting([&](Split& split) {
    if ((split.next->code & reduces) != 0) {
      const std::uint32_t result = (split.next->code & code::red_popc) != 0  ? count
                                   : (split.next->code & code::red_and) != 0 ? 0u - std::uint32_t{all}
                                                                             : 0u - std::uint32_t{any};
      for (auto rest = split.lanes; rest != 0; rest &= rest - 1)
        words(split, split.next->d)[std::countr_zero(rest)] = result;
    }
    split.state = Split::State::runnable;
    ++split.next;
  });
  block.barriers[number] = {};
}

/// Threads that a barrier with a number of its own has seen: a warp all of whose lanes are there counts as 32.
std::uint32_t counted_arrivals(const Block& block, std::uint32_t number) {
  auto sum = block.barriers[number].arrivals;
  for (const auto& warp : block.warps) {
    std::uint32_t lanes = 0;
    for (const auto& split : warp->splits)
      if (split.state == Split::State::at_barrier && split.barrier == number) lanes |= split.lanes;
    if (lanes != 0) sum += lanes == warp->live ? warp_size : static_cast<std::uint32_t>(std::popcount(lanes));
  }
  return sum;
}

/// The kernel's own frame, with all that is the same in every block.
void make_entry(WarpState& warp, Block& block, const Program& program) {
  warp.entry = block.pool->take(program);
  fill_specials(warp, *warp.entry);
  use_frame(warp, warp.entry);
  warp.active = warp.live;
  for (const auto& instruction : program.prologue) instruction.whole(warp, &instruction);
  warp.active = 0;
}

void start_warp(WarpState& warp, Block& block, Launch& launch, std::uint32_t index) {
  const auto first = index * warp_size;
  const auto threads = std::min(warp_size, block.threads - first);
  const auto lanes = threads == warp_size ? ~0u : (1u << threads) - 1;
  warp.block = &block;
  warp.launch = &launch;
  warp.memory = launch.memory;
  warp.index = index;
  warp.live = warp.all_lanes = lanes;
  warp.active = 0;
  warp.shared = block.shared;
  warp.shared_bytes = launch.shared_bytes;
  warp.shared_window = reinterpret_cast<std::uint64_t>(block.shared);
  warp.local_stride = launch.local_stride;
  warp.local = block.local_storage.get() + std::uint64_t{index} * warp_size * launch.local_stride;
  warp.params = launch.parameters;
  warp.params_bytes = launch.kernel->parameter_bytes;
  warp.splits.clear();
  warp.step = 0;
  if (warp.entry == nullptr) make_entry(warp, block, *launch.kernel->entry);
  auto* frame = warp.entry;
  frame->caller = nullptr;
  frame->return_to = nullptr;
  frame->site = nullptr;
  frame->local_offset = 0;
  frame->local_top = launch.kernel->entry->local_bytes;
  frame->lanes = lanes;
  frame->depth = 0;
  fill_block_specials(warp, *frame);
  warp.splits.push_back({.next = frame->program->code.data(), .lanes = lanes, .frame = frame});
}

}  // namespace

std::uint64_t call_stride(const Program& program) noexcept { return (program.call_bytes + 15u) / 16 * 16; }

Split take_split(WarpState& warp, std::size_t index) {
  Split chosen = warp.splits[index];
  chosen.lanes = 0;
  std::erase_if(warp.splits, [&](const Split& split) {
    const bool same = split.state == Split::State::runnable && split.frame == chosen.frame && split.next == chosen.next;
    if (same) chosen.lanes |= split.lanes;
    return same;
  });
  return chosen;
}

void use_frame(WarpState& warp, Frame* frame) noexcept {
  warp.frame = frame;
  warp.registers = frame->registers;
  warp.call_params = frame->call_params;
  warp.call_stride = call_stride(*frame->program);
}

void release_barriers(Block& block) {
  for (std::uint32_t number = 0; number < block.barriers.size(); ++number) release_barrier(block, number);
}

void release_barrier(Block& block, std::uint32_t number) {
  const auto& barrier = block.barriers[number];
  if (barrier.waiting == 0) return;
  const bool complete = barrier.expected == 0 ? barrier.waiting + block.exited == block.threads
                                              : counted_arrivals(block, number) >= barrier.expected;
  if (complete) release(block, number);
}

void release_syncs(WarpState& warp) {
  auto& splits = warp.splits;
  for (std::size_t i = 0; i < splits.size(); ++i) {
    if (splits[i].state != Split::State::at_sync) continue;
    const auto kind = splits[i].next->code & 0xffffu;  // the operation and its mode
    const auto members = splits[i].members;
    const auto joins = [&](const Split& split) {
      return split.state == Split::State::at_sync && (split.next->code & 0xffffu) == kind && split.members == members;
    };
    std::uint32_t present = 0;
    std::vector<Participant> participants;
    for (const auto& split : splits)
      if (joins(split)) {
        present |= split.lanes;
        participants.push_back({split.next, split.frame->registers, split.lanes});
      }
    if ((members & warp.live & ~present) != 0) continue;
    execute_collective(warp, participants, members);
    for (auto& split : splits)
      if (joins(split)) {
        split.state = Split::State::runnable;
        ++split.next;
      }
  }
}

BlockOutcome run_block(Block& block) {
  const unsigned turns = block.launch->request->cooperative ? 1 : turns_of_block;
  for (unsigned turn = 0; turn < turns;) {
    bool has_yielded = false;
    bool has_moved = false;
    for (auto& warp : block.warps) {
      if (warp->live == 0) continue;
      const auto step = warp->step;
      const auto outcome = run_warp(*warp);
      if (outcome == WarpOutcome::fault) {
        if (warp->event == Event::fault) stop_launch(*block.launch, warp->fault.code, describe_fault(*warp));
        return BlockOutcome::fault;
      }
      has_yielded = has_yielded || outcome == WarpOutcome::yielded;
      has_moved = has_moved || warp->step != step;
    }
    if (block.exited == block.threads) return BlockOutcome::finished;
    if (!has_moved) return BlockOutcome::deadlock;
    if (has_yielded) ++turn;
  }
  return BlockOutcome::yielded;
}

void start_block(Block& block, Launch& launch, std::uint64_t linear) {
  const auto& grid = launch.request->grid;
  block.launch = &launch;
  block.linear = linear;
  block.index = {static_cast<std::uint32_t>(linear % grid.x), static_cast<std::uint32_t>(linear / grid.x % grid.y),
                 static_cast<std::uint32_t>(linear / grid.x / grid.y)};
  block.threads = launch.threads_per_block;
  block.exited = 0;
  block.barriers = {};
  start_checks(block);
  for (std::uint32_t i = 0; i < launch.warps_per_block; ++i) {
    if (i == block.warps.size()) block.warps.push_back(std::make_unique<WarpState>());
    start_warp(*block.warps[i], block, launch, i);
  }
}

void stop_launch(Launch& launch, int code, std::string message) {
  const std::lock_guard lock(launch.outcome_mutex);
  if (launch.outcome.code != 0) return;
  launch.outcome = {code, std::move(message)};
  launch.stopped.store(true, std::memory_order_relaxed);
}

}  // namespace cujitsu::softgpu
