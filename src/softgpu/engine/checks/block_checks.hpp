// SPDX-License-Identifier: MIT
// The checks that the user has asked for, with what they know of one block.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace cujitsu::softgpu {

class BarrierCheck;
class RaceCheck;
class UninitializedCheck;
struct Block;
struct Fault;
struct Instruction;
struct Warp;

/// What a check has found, beyond what a fault can say.
struct Finding {
  std::string title;   ///< "data race"
  std::string detail;  ///< what follows the access
};

/// A block runs on one thread at a time, so nothing here is for several.
class BlockChecks {
 public:
  explicit BlockChecks(const Block& block);
  ~BlockChecks();
  BlockChecks(const BlockChecks&) = delete;
  BlockChecks& operator=(const BlockChecks&) = delete;

  /// The block begins.
  void start(const Block& block);
  /// A load, store or atomic is about to happen. False: it must not; the warp's fault has been set.
  [[nodiscard]] bool access(Warp& warp, const Instruction* in);
  /// What `in` says of earlier reads is about to be used. False: the warp's fault has been set.
  [[nodiscard]] bool late_reads(Warp& warp, const Instruction* in);
  /// The active lanes are about to arrive at a barrier.
  [[nodiscard]] bool barrier(Warp& warp, const Instruction* in);
  /// A barrier has what it waits for; those who wait are still there. May stop the launch.
  void barrier_complete(Block& block, std::uint32_t number);
  /// These lanes have met at bar.warp.sync.
  void warp_barrier(const Warp& warp, std::uint32_t lanes);
  /// The stack of these lanes above `offset` holds nothing any more.
  void forget_local(const Warp& warp, std::uint32_t lanes, std::uint64_t offset, std::uint64_t end);
  /// Makes a finding the warp's fault.
  void report(Warp& warp, const Fault& fault, Finding finding);
  /// The one that the warp's fault is about; nullptr: the fault is none of the checks'.
  [[nodiscard]] const Finding* finding() const noexcept { return finding_ ? &*finding_ : nullptr; }
  /// Whether the block's deadlock is the fault of a barrier; the launch has been stopped then.
  [[nodiscard]] bool explains_deadlock(Block& block);

 private:
  std::unique_ptr<RaceCheck> races_;
  std::unique_ptr<UninitializedCheck> uninitialized_;
  std::unique_ptr<BarrierCheck> barriers_;
  std::optional<Finding> finding_;
};

/// For start_block: makes the checks, if the user wants any, or tells them of a new block.
void start_checks(Block& block);

}  // namespace cujitsu::softgpu
