// SPDX-License-Identifier: MIT
// Frames: where the registers of a call are, with constants and special registers filled in.
#include "softgpu/engine/execution.hpp"
#include "softgpu/engine/scheduler.hpp"

#include <algorithm>
#include <cstring>

namespace cujitsu::softgpu {
namespace {

constexpr std::size_t alignment = 64;

std::uint32_t special_value(const WarpState& warp, const SpecialSlot& wanted, std::uint32_t lane) {
  using ptx::Special;
  const auto& launch = *warp.launch;
  const auto& request = *launch.request;
  const auto component = [&](const Dimensions& size) {
    return wanted.component == 0 ? size.x : wanted.component == 1 ? size.y : size.z;
  };
  switch (wanted.special) {
    case Special::tid: return thread_index(warp, lane)[wanted.component];
    case Special::ntid: return component(request.block);
    case Special::ctaid:
    case Special::clusterid: return warp.block->index[wanted.component];
    case Special::nctaid:
    case Special::nclusterid: return component(request.grid);
    case Special::laneid: return lane;
    case Special::warpid: return warp.index;
    case Special::nwarpid: return 64;
    case Special::smid: return static_cast<std::uint32_t>(warp.block->linear % 8);
    case Special::nsmid: return 8;
    case Special::gridid: return static_cast<std::uint32_t>(launch.grid_id);
    case Special::lanemask_eq: return 1u << lane;
    case Special::lanemask_lt: return (1u << lane) - 1;
    case Special::lanemask_le: return ((1u << lane) - 1) | 1u << lane;
    case Special::lanemask_gt: return ~(((1u << lane) - 1) | 1u << lane);
    case Special::lanemask_ge: return ~((1u << lane) - 1);
    case Special::envreg:
      if (wanted.component == 0) return 1;
      if (wanted.component == 1) return static_cast<std::uint32_t>(launch.grid_workspace >> 32);
      if (wanted.component == 2) return static_cast<std::uint32_t>(launch.grid_workspace);
      return 0;
    case Special::dynamic_smem_size: return request.dynamic_shared_bytes;
    case Special::total_smem_size: return (launch.shared_bytes + 127) / 128 * 128;
    case Special::aggr_smem_size: return (launch.shared_bytes + 127) / 128 * 128;
    case Special::cluster_nctaid:
    case Special::cluster_nctarank: return 1;
    default: return 0;  // cluster_ctaid, cluster_ctarank, is_explicit_cluster; the clocks are instructions of their own
  }
}

bool differs_between_lanes(ptx::Special special) noexcept {
  using ptx::Special;
  switch (special) {
    case Special::tid:
    case Special::laneid:
    case Special::lanemask_eq:
    case Special::lanemask_lt:
    case Special::lanemask_le:
    case Special::lanemask_gt:
    case Special::lanemask_ge: return true;
    default: return false;
  }
}

template <class T>
void fill(const WarpState& warp, const SpecialSlot& special, T* lanes) {
  if (!differs_between_lanes(special.special)) {
    std::fill_n(lanes, warp_size, T{special_value(warp, special, 0)});
    return;
  }
  for (unsigned lane = 0; lane < warp_size; ++lane) lanes[lane] = special_value(warp, special, lane);
}

void fill(const WarpState& warp, const Frame& frame, const std::vector<SpecialSlot>& specials) {
  for (const auto& special : specials) {
    auto* at = frame.registers + special.slot;
    if (special.kind == SlotKind::b64)
      fill(warp, special, reinterpret_cast<std::uint64_t*>(at));
    else
      fill(warp, special, reinterpret_cast<std::uint32_t*>(at));
  }
}

}  // namespace

Frame* FramePool::take(const Program& program) {
  auto& free = free_[&program];
  if (!free.empty()) {
    auto* frame = free.back();
    free.pop_back();
    return frame;
  }
  auto& frame = *all_.emplace_back(std::make_unique<Frame>());
  const auto call_bytes = call_stride(program) * warp_size;
  const auto registers = (program.register_bytes + alignment - 1) / alignment * alignment;
  frame.program = &program;
  frame.storage = std::make_unique<std::byte[]>(registers + call_bytes + alignment);  // zeroed
  const auto address = reinterpret_cast<std::uintptr_t>(frame.storage.get());
  frame.registers = frame.storage.get() + (alignment - address % alignment) % alignment;
  frame.call_params = frame.registers + registers;
  for (const auto& constant : program.constants) {
    auto* at = frame.registers + constant.slot;
    for (unsigned lane = 0; lane < warp_size; ++lane) {
      if (constant.kind == SlotKind::b32 || constant.kind == SlotKind::pred)
        reinterpret_cast<std::uint32_t*>(at)[lane] = static_cast<std::uint32_t>(constant.low);
      else
        reinterpret_cast<std::uint64_t*>(at)[lane] = constant.low;
      if (constant.kind == SlotKind::b128) reinterpret_cast<std::uint64_t*>(at)[warp_size + lane] = constant.high;
    }
  }
  return &frame;
}

void FramePool::give_back(Frame* frame) { free_[frame->program].push_back(frame); }

void fill_specials(const WarpState& warp, Frame& frame) { fill(warp, frame, frame.program->specials); }

void fill_block_specials(const WarpState& warp, Frame& frame) { fill(warp, frame, frame.program->block_specials); }

}  // namespace cujitsu::softgpu
