// SPDX-License-Identifier: MIT
#include "softgpu/engine/checks/block_checks.hpp"

#include "softgpu/engine/checks/barrier_check.hpp"
#include "softgpu/engine/checks/observe.hpp"
#include "softgpu/engine/checks/race_check.hpp"
#include "softgpu/engine/checks/uninitialized_check.hpp"
#include "softgpu/engine/control.hpp"
#include "softgpu/engine/execution.hpp"
#include "softgpu/engine/ops/memory_access.hpp"
#include "softgpu/engine/settings.hpp"

#include <utility>

namespace cujitsu::softgpu {

BlockChecks::BlockChecks(const Block& block) {
  const auto& checks = settings().checks;
  const auto& launch = *block.launch;
  if (checks.races) races_ = std::make_unique<RaceCheck>(launch.shared_bytes);
  if (checks.uninitialized)
    uninitialized_ = std::make_unique<UninitializedCheck>(launch.shared_bytes,
                                                          launch.local_stride * warp_size * launch.warps_per_block);
  if (checks.barriers) barriers_ = std::make_unique<BarrierCheck>();
}

BlockChecks::~BlockChecks() = default;

void BlockChecks::start(const Block& block) {
  if (races_ != nullptr) races_->start(block.threads);
  if (uninitialized_ != nullptr) uninitialized_->start();
  if (barriers_ != nullptr) barriers_->start();
}

bool BlockChecks::access(Warp& warp, const Instruction* in) {
  const auto& seen = observation_of(*warp.frame->program, in);
  const auto purpose = seen.kind == Observation::Kind::read    ? Purpose::read
                       : seen.kind == Observation::Kind::write ? Purpose::write
                                                               : Purpose::atomic;
  std::uint64_t real[warp_size];
  if (!resolve_lanes(warp, in, seen.bytes, purpose, real)) return false;
  const WarpAccess access{warp, in, seen, real};
  if (barriers_ != nullptr && !barriers_->access(access)) return false;
  if (uninitialized_ != nullptr && !uninitialized_->access(access)) return false;
  return races_ == nullptr || races_->access(access);
}

bool BlockChecks::late_reads(Warp& warp, const Instruction* in) {
  for (const auto& read : observation_of(*warp.frame->program, in).late_reads) {
    const auto holds = control::predicate_bits(slot<std::uint32_t>(warp, read.predicate));
    const auto active = warp.active;
    warp.active &= read.reads_if ? holds : ~holds;
    const bool is_good = warp.active == 0 || access(warp, read.load);
    warp.active = active;
    if (!is_good) return false;
  }
  return true;
}

bool BlockChecks::barrier(Warp& warp, const Instruction* in) {
  const auto lane = static_cast<std::uint32_t>(__builtin_ctz(warp.active));
  const auto number = slot<std::uint32_t>(warp, in->a)[lane] & 15;
  const bool has_count = (in->code & control::barrier_code::has_count) != 0;
  const auto count = has_count ? slot<std::uint32_t>(warp, in->b)[lane] : 0;
  if (barriers_ != nullptr && !barriers_->arrive(warp, in, number, count)) return false;
  if (races_ != nullptr) races_->barrier_arrive(warp, number);
  return true;
}

void BlockChecks::barrier_complete(Block& block, std::uint32_t number) {
  if (barriers_ != nullptr) barriers_->complete(block, number);
  if (races_ != nullptr) races_->barrier_complete(block, number);
}

void BlockChecks::warp_barrier(const Warp& warp, std::uint32_t lanes) {
  if (races_ != nullptr) races_->warp_barrier(warp, lanes);
}

void BlockChecks::forget_local(const Warp& warp, std::uint32_t lanes, std::uint64_t offset, std::uint64_t end) {
  if (uninitialized_ != nullptr && offset < end) uninitialized_->forget_local(warp, lanes, offset, end);
}

void BlockChecks::report(Warp& warp, const Fault& fault, Finding finding) {
  raise(warp, fault);
  finding_ = std::move(finding);
}

bool BlockChecks::explains_deadlock(Block& block) { return barriers_ != nullptr && barriers_->deadlock(block); }

void start_checks(Block& block) {
  if (!settings().checks.any()) return;
  if (block.checks == nullptr) block.checks = std::make_unique<BlockChecks>(block);
  block.checks->start(block);
}

}  // namespace cujitsu::softgpu
