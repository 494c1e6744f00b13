// SPDX-License-Identifier: MIT
#include "softgpu/engine/control.hpp"

#include "softgpu/engine/clock.hpp"
#include "softgpu/engine/collectives.hpp"
#include "softgpu/engine/execution.hpp"
#include "softgpu/engine/scheduler.hpp"

#include <algorithm>
#include <array>
#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace cujitsu::softgpu::control {
namespace {

WarpState& state_of(Warp& warp) noexcept { return static_cast<WarpState&>(warp); }

/// Puts lanes back into the list of splits; the scheduler picks the next.
const Instruction* reschedule(WarpState& warp, Event event) noexcept {
  warp.event = event;
  return nullptr;
}

unsigned first_lane(const Warp& warp) noexcept { return static_cast<unsigned>(std::countr_zero(warp.active)); }

[[gnu::noinline]] const Instruction* yield_at(Warp& warp, const Instruction* target) {
  auto& state = state_of(warp);
  state.splits.push_back({.next = target, .lanes = warp.active, .frame = warp.frame});
  return reschedule(state, Event::yielded);
}

/// A jump of all active lanes. Going backwards uses up the slice.
const Instruction* jump(Warp& warp, const Instruction* target, const Instruction* from) {
  return target > from || --state_of(warp).slice != 0 ? target : yield_at(warp, target);
}

// Apart, so that branches on which lanes agree save no registers.
[[gnu::noinline]] const Instruction* diverge(Warp& warp, const Instruction* taken_to, std::uint32_t taken,
                                             const Instruction* other) {
  auto& state = state_of(warp);
  state.splits.push_back({.next = taken_to, .lanes = taken, .frame = warp.frame});
  state.splits.push_back({.next = other, .lanes = warp.active & ~taken, .frame = warp.frame});
  if (taken_to < other && --state.slice == 0) return reschedule(state, Event::yielded);
  return reschedule(state, Event::diverged);
}

std::uint32_t chosen_lanes(Warp& warp, const Instruction* in) {
  const auto bits = predicate_bits(slot<std::uint32_t>(warp, in->a));
  return (in->code != 0 ? ~bits : bits) & warp.active;
}

}  // namespace

std::uint32_t predicate_bits(const std::uint32_t* words) noexcept {
#if defined(__SSE2__)
  const auto half = [](const std::uint32_t* first) {
    const auto* at = reinterpret_cast<const __m128i*>(first);
    const auto low = _mm_packs_epi32(_mm_load_si128(at), _mm_load_si128(at + 1));
    const auto high = _mm_packs_epi32(_mm_load_si128(at + 2), _mm_load_si128(at + 3));
    return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(low, high)));
  };
  return half(words) | half(words + 16) << 16;
#else
  std::uint32_t bits = 0;
  for (unsigned lane = 0; lane < warp_size; ++lane) bits |= (words[lane] & 1u) << lane;
  return bits;
#endif
}

void set_mask_words(Warp& warp, std::uint32_t lanes) noexcept {
  // Four lanes at a time: not every CPU shifts the elements of a vector by different counts.
  static constexpr auto words_of = [] {
    std::array<std::array<std::uint32_t, 4>, 16> table{};
    for (unsigned bits = 0; bits < 16; ++bits)
      for (unsigned lane = 0; lane < 4; ++lane) table[bits][lane] = 0u - (bits >> lane & 1u);
    return table;
  }();
  for (unsigned lane = 0; lane < warp_size; lane += 4)
    std::copy_n(words_of[lanes >> lane & 15].data(), 4, warp.mask + lane);
}

const Instruction* branch(Warp& warp, const Instruction* in) { return jump(warp, in + in->immediate, in); }

const Instruction* branch_if(Warp& warp, const Instruction* in) {
  const auto taken = chosen_lanes(warp, in);
  if (taken == 0) return in + 1;
  if (taken == warp.active) return jump(warp, in + in->immediate, in);
  return diverge(warp, in + in->immediate, taken, in + 1);
}

const Instruction* branch_indexed(Warp& warp, const Instruction* in) {
  const auto& table = *static_cast<const BranchTable*>(in->data);
  const auto* code = warp.frame->program->code.data();
  const auto* index = slot<std::uint32_t>(warp, in->a);
  auto& state = state_of(warp);
  auto rest = warp.active;
  while (rest != 0) {
    const auto lane = static_cast<unsigned>(std::countr_zero(rest));
    if (index[lane] >= table.targets.size())  // undefined for a GPU
      return raise(warp, {.code = 719,
                          .lane = lane,
                          .instruction = in,
                          .what = "branch",
                          .detail = "the index of brx.idx is past its list"});
    std::uint32_t same = 0;
    for (auto other = rest; other != 0; other &= other - 1)
      if (const auto at = static_cast<unsigned>(std::countr_zero(other)); index[at] == index[lane]) same |= 1u << at;
    const auto* target = code + table.targets[index[lane]];
    if (same == warp.active) return jump(warp, target, in);
    state.splits.push_back({.next = target, .lanes = same, .frame = warp.frame});
    rest &= ~same;
  }
  return reschedule(state, Event::diverged);
}

const Instruction* guard(Warp& warp, const Instruction* in) {
  const auto chosen = chosen_lanes(warp, in);
  if (chosen == 0) return in + 2;
  if (chosen == warp.active) return in + 1;
  const auto active = warp.active;
  warp.active = chosen;
  set_mask_words(warp, chosen);
  const auto* next = in[1].masked(warp, in + 1);
  warp.active = active;
  if (active != warp.live) set_mask_words(warp, active);
  return next;
}

namespace {

/// Continues at `next` of `frame`: at once where all live lanes go together, else as a split.
const Instruction* enter(Warp& warp, Frame* frame, const Instruction* next) {
  auto& state = state_of(warp);
  if (warp.active == warp.live) {
    use_frame(state, frame);
    return next;
  }
  state.splits.push_back({.next = next, .lanes = warp.active, .frame = frame});
  return reschedule(state, Event::diverged);
}

void copy_params(const Frame& from, const std::vector<ParamPiece>& sources, const Frame& to,
                 const std::vector<ParamPiece>& targets, std::uint32_t lanes) {
  const std::uint64_t from_stride = call_stride(*from.program);
  const std::uint64_t to_stride = call_stride(*to.program);
  for (std::size_t i = 0; i < std::min(sources.size(), targets.size()); ++i) {
    const auto bytes = std::min(sources[i].bytes, targets[i].bytes);
    for (auto rest = lanes; rest != 0; rest &= rest - 1) {
      const auto lane = static_cast<unsigned>(std::countr_zero(rest));
      std::copy_n(from.call_params + lane * from_stride + sources[i].offset, bytes,
                  to.call_params + lane * to_stride + targets[i].offset);
    }
  }
}

const Instruction* enter_function(Warp& warp, const Instruction* in, const Program& program, const CallSite& site) {
  auto& state = state_of(warp);
  auto& caller = *warp.frame;
  // What a GPU keeps on the stack for each call, registers and return address, is unknown; endless recursion must end.
  constexpr std::uint64_t call_overhead = 32;
  const auto local_offset = (caller.local_top + call_overhead + 15) / 16 * 16;
  if (local_offset + program.local_bytes > warp.local_stride)
    return raise(warp, {.code = 700,
                        .lane = first_lane(warp),
                        .instruction = in,
                        .what = "call",
                        .detail = "the stack is full (CU_LIMIT_STACK_SIZE): is a recursion endless?"});
  auto* frame = warp.block->pool->take(program);
  frame->caller = &caller;
  frame->return_to = in + 1;
  frame->site = &site;
  frame->local_offset = local_offset;
  frame->local_top = local_offset + program.local_bytes;
  frame->lanes = warp.active;
  frame->depth = caller.depth + 1;
  fill_specials(state, *frame);
  fill_block_specials(state, *frame);
  copy_params(caller, site.arguments, *frame, program.parameters, warp.active);
  return enter(warp, frame, program.code.data());
}

/// The lanes of a divergent indirect call go one target at a time; the others try again.
const Instruction* call_indirect(Warp& warp, const Instruction* in, const CallSite& site) {
  const auto* addresses = slot<std::uint64_t>(warp, in->a);
  const auto lane = first_lane(warp);
  const auto* program = program_at(*warp.launch, addresses[lane]);
  if (program == nullptr)
    return raise(warp, {.code = addresses[lane] == 0 ? 718 : 700,
                        .lane = lane,
                        .instruction = in,
                        .address = addresses[lane],
                        .what = "call",
                        .detail = "there is no function at this address"});
  std::uint32_t same = 0;
  for (auto rest = warp.active; rest != 0; rest &= rest - 1)
    if (const auto at = static_cast<unsigned>(std::countr_zero(rest)); addresses[at] == addresses[lane])
      same |= 1u << at;
  if (same != warp.active) {
    auto& state = state_of(warp);
    state.splits.push_back({.next = in, .lanes = warp.active & ~same, .frame = warp.frame});
    warp.active = same;
  }
  return enter_function(warp, in, *program, site);
}

}  // namespace

const Instruction* call(Warp& warp, const Instruction* in) {
  const auto& site = *static_cast<const CallSite*>(in->data);
  return site.target != nullptr ? enter_function(warp, in, *site.target, site) : call_indirect(warp, in, site);
}

const Instruction* return_lanes(Warp& warp, const Instruction* in) {
  auto* frame = warp.frame;
  if (frame->caller == nullptr) return exit_lanes(warp, in);
  copy_params(*frame, frame->program->results, *frame->caller, frame->site->results, warp.active);
  auto* caller = frame->caller;
  const auto* next = frame->return_to;
  frame->lanes &= ~warp.active;
  if (frame->lanes == 0) warp.block->pool->give_back(frame);
  return enter(warp, caller, next);
}

const Instruction* exit_lanes(Warp& warp, const Instruction*) {
  auto& state = state_of(warp);
  for (auto* frame = warp.frame; frame != nullptr;) {
    auto* caller = frame->caller;
    frame->lanes &= ~warp.active;
    if (frame->lanes == 0 && caller != nullptr) warp.block->pool->give_back(frame);  // the kernel's own is the warp's
    frame = caller;
  }
  warp.live &= ~warp.active;
  warp.block->exited += static_cast<std::uint32_t>(std::popcount(warp.active));
  warp.active = 0;
  release_syncs(state);
  release_barriers(*warp.block);
  return reschedule(state, Event::finished);
}

const Instruction* trap(Warp& warp, const Instruction* in) {
  return raise(warp, {.code = 719, .lane = first_lane(warp), .instruction = in, .what = "trap"});
}

const Instruction* barrier(Warp& warp, const Instruction* in) {
  namespace code = barrier_code;
  const auto lane = first_lane(warp);
  const auto number = slot<std::uint32_t>(warp, in->a)[lane] & 15;
  auto& barrier = warp.block->barriers[number];
  if ((in->code & code::has_count) != 0) {
    const auto count = slot<std::uint32_t>(warp, in->b)[lane];
    if (count == 0 || count % warp_size != 0)
      return raise(warp, {.code = 715,
                          .lane = lane,
                          .instruction = in,
                          .what = "barrier",
                          .detail = "the number of threads is no multiple of 32"});
    barrier.expected = count;
  } else {
    barrier.expected = 0;
  }
  if ((in->code & code::arrive) != 0) {
    barrier.arrivals += warp.active == warp.live ? warp_size : static_cast<std::uint32_t>(std::popcount(warp.active));
    release_barrier(*warp.block, number);
    return in + 1;
  }
  auto& state = state_of(warp);
  state.splits.push_back(
      {.next = in, .lanes = warp.active, .frame = warp.frame, .state = Split::State::at_barrier, .barrier = number});
  barrier.waiting += static_cast<std::uint32_t>(std::popcount(warp.active));
  barrier.reduces = barrier.reduces || (in->code & (code::red_popc | code::red_and | code::red_or)) != 0;
  warp.active = 0;
  release_barrier(*warp.block, number);
  return reschedule(state, Event::waiting);
}

const Instruction* collective(Warp& warp, const Instruction* in) {
  const auto members_at = member_slot(*in);
  const auto* members = members_at == 0 ? nullptr : slot<std::uint32_t>(warp, members_at);
  std::uint32_t done = 0;
  auto& state = state_of(warp);
  const auto active = warp.active;
  // Lanes that name different members are different groups, even in one instruction.
  for (auto rest = active; rest != 0;) {
    const auto lane = static_cast<unsigned>(std::countr_zero(rest));
    const auto mask = members == nullptr ? active : members[lane];
    std::uint32_t same = rest;
    if (members != nullptr)
      for (auto other = rest; other != 0; other &= other - 1)
        if (const auto at = static_cast<unsigned>(std::countr_zero(other)); members[at] != mask) same &= ~(1u << at);
    rest &= ~same;
    if ((mask & warp.live & ~same) == 0) {
      const Participant all{in, warp.registers, same};
      execute_collective(warp, {&all, 1}, mask);
      done |= same;
    } else {
      state.splits.push_back(
          {.next = in, .lanes = same, .frame = warp.frame, .state = Split::State::at_sync, .members = mask});
    }
  }
  if (done == active) return in + 1;
  if (done != 0) state.splits.push_back({.next = in + 1, .lanes = done, .frame = warp.frame});
  warp.active = 0;
  release_syncs(state);
  return reschedule(state, Event::waiting);
}

const Instruction* nothing(Warp&, const Instruction* in) { return in + 1; }

/// Time passes for nobody here; but whoever sleeps waits for somebody else.
const Instruction* nanosleep(Warp& warp, const Instruction* in) {
  auto& state = state_of(warp);
  state.splits.push_back({.next = in + 1, .lanes = warp.active, .frame = warp.frame});
  return reschedule(state, Event::yielded);
}

const Instruction* local_address(Warp& warp, const Instruction* in) {
  auto* d = slot<std::uint64_t>(warp, in->d);
  const auto value = warp.frame->local_offset + static_cast<std::uint64_t>(in->immediate);
  for (auto rest = warp.active; rest != 0; rest &= rest - 1) d[std::countr_zero(rest)] = value;
  return in + 1;
}

const Instruction* parameter_address(Warp& warp, const Instruction* in) {
  auto* d = slot<std::uint64_t>(warp, in->d);
  const auto value = reinterpret_cast<std::uint64_t>(warp.params) + static_cast<std::uint64_t>(in->immediate);
  for (auto rest = warp.active; rest != 0; rest &= rest - 1) d[std::countr_zero(rest)] = value;
  return in + 1;
}

const Instruction* read_clock(Warp& warp, const Instruction* in) {
  const auto value = clock_value(static_cast<ptx::Special>(in->code));
  for (auto rest = warp.active; rest != 0; rest &= rest - 1) {
    const auto lane = std::countr_zero(rest);
    if (static_cast<SlotKind>(in->immediate) == SlotKind::b64)
      slot<std::uint64_t>(warp, in->d)[lane] = value;
    else
      slot<std::uint32_t>(warp, in->d)[lane] = static_cast<std::uint32_t>(value);
  }
  return in + 1;
}

const Instruction* activemask(Warp& warp, const Instruction* in) {
  auto* d = slot<std::uint32_t>(warp, in->d);
  for (auto rest = warp.active; rest != 0; rest &= rest - 1) d[std::countr_zero(rest)] = warp.active;
  return in + 1;
}

const Instruction* allocate_local(Warp& warp, const Instruction* in) {
  std::uint64_t most = 0;  // all lanes of a frame share one stack pointer
  for (auto rest = warp.active; rest != 0; rest &= rest - 1) {
    const auto lane = static_cast<unsigned>(std::countr_zero(rest));
    const auto bytes = in->code == 8 ? slot<std::uint64_t>(warp, in->a)[lane] : slot<std::uint32_t>(warp, in->a)[lane];
    most = std::max(most, bytes);
  }
  auto& frame = *warp.frame;
  const auto alignment = static_cast<std::uint64_t>(std::max<std::int64_t>(in->immediate, 16));
  const auto start = (frame.local_top + alignment - 1) / alignment * alignment;
  if (start > warp.local_stride || most > warp.local_stride - start)
    return raise(warp, {.code = 700,
                        .lane = first_lane(warp),
                        .instruction = in,
                        .what = "alloca",
                        .detail = "the stack is full (CU_LIMIT_STACK_SIZE)"});
  frame.local_top = start + most;
  for (auto rest = warp.active; rest != 0; rest &= rest - 1)
    slot<std::uint64_t>(warp, in->d)[std::countr_zero(rest)] = start;
  return in + 1;
}

const Instruction* save_stack(Warp& warp, const Instruction* in) {
  for (auto rest = warp.active; rest != 0; rest &= rest - 1)
    slot<std::uint64_t>(warp, in->d)[std::countr_zero(rest)] = warp.frame->local_top;
  return in + 1;
}

const Instruction* restore_stack(Warp& warp, const Instruction* in) {
  // Only when all lanes of the frame are here: the others may still use theirs.
  const auto saved = slot<std::uint64_t>(warp, in->a)[first_lane(warp)];
  if (warp.active == warp.frame->lanes && saved <= warp.frame->local_top) warp.frame->local_top = saved;
  return in + 1;
}

}  // namespace cujitsu::softgpu::control
