// SPDX-License-Identifier: MIT
#include "softgpu/engine/seeded_schedule.hpp"

#include "softgpu/engine/control.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace cujitsu::softgpu {
namespace {

// Blocks change places among as many that follow each other. It is less than a device holds at a time, so among those
// that wait there is always room for the one that they wait for.
constexpr std::uint64_t window_blocks = 64;
constexpr std::uint64_t most_usual_blocks = 8;
constexpr std::uint64_t most_slices = 32;
// A slice has from 1 to 2^this instructions, short ones as often as long ones.
constexpr std::uint64_t most_slice_bits = 8;
constexpr std::uint64_t patience = 16;  // turns of each block before another one may be what they wait for

bool is_ready(const WarpState& warp) {
  return std::ranges::any_of(warp.splits, [](const Split& split) { return split.state == Split::State::runnable; });
}

/// Runs `split` for up to `instructions`; what is left of it goes back into the list.
void execute(WarpState& warp, const Split& split, std::uint64_t instructions) {
  warp.active = split.lanes;
  warp.event = Event::none;
  warp.slice = std::numeric_limits<std::uint32_t>::max();  // the slice ends here, not at backward branches
  use_frame(warp, split.frame);
  const auto handler = warp.active == warp.live ? &Instruction::whole : &Instruction::masked;
  if (warp.active != warp.live) control::set_mask_words(warp, warp.active);
  const Instruction* next = split.next;
  while (next != nullptr && instructions-- != 0) next = (next->*handler)(warp, next);
  if (next != nullptr) warp.splits.push_back({.next = next, .lanes = warp.active, .frame = warp.frame});
}

}  // namespace

SeededSchedule::SeededSchedule(std::uint64_t seed, std::uint64_t blocks)
    : random_(seed), blocks_(blocks), usual_(static_cast<std::size_t>(1 + random_.below(most_usual_blocks))) {}

std::uint64_t SeededSchedule::next_block() {
  if (window_.empty()) {
    const auto count = std::min(window_blocks, blocks_ - begun_);
    for (std::uint64_t i = 0; i < count; ++i) {
      window_.push_back(begun_ + i);
      std::swap(window_.back(), window_[static_cast<std::size_t>(random_.below(i + 1))]);
    }
    begun_ += count;
  }
  const auto block = window_.back();
  window_.pop_back();
  return block;
}

bool SeededSchedule::wants_another(std::size_t running, std::uint64_t turns) const noexcept {
  return running < usual_ || turns > patience * running;
}

Split SeededSchedule::any_split(WarpState& warp) {
  auto& splits = warp.splits;
  const auto ready = std::ranges::count(splits, Split::State::runnable, &Split::state);
  auto index = random_.below(static_cast<std::uint64_t>(ready));
  for (std::size_t i = 0; i < splits.size(); ++i)
    if (splits[i].state == Split::State::runnable && index-- == 0) return take_split(warp, i);
  return {};
}

BlockOutcome SeededSchedule::run(Block& block) {
  for (auto slices = 1 + random_.below(most_slices); slices != 0; --slices) {
    ready_.clear();
    for (const auto& warp : block.warps)
      if (is_ready(*warp)) ready_.push_back(warp.get());
    if (ready_.empty()) return block.exited == block.threads ? BlockOutcome::finished : BlockOutcome::deadlock;
    auto& warp = *ready_[static_cast<std::size_t>(random_.below(ready_.size()))];
    const auto instructions = 1 + random_.below(std::uint64_t{1} << random_.below(most_slice_bits + 1));
    execute(warp, any_split(warp), instructions);
    if (warp.event == Event::fault) stop_launch(*block.launch, warp.fault.code, describe_fault(warp));
    if (block.launch->stopped.load(std::memory_order_relaxed)) return BlockOutcome::fault;
  }
  return BlockOutcome::yielded;
}

}  // namespace cujitsu::softgpu
