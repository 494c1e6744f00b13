// SPDX-License-Identifier: MIT
// The state of a grid while it runs: launch, blocks, warps with their splits, frames.
#pragma once

#include "softgpu/engine/checks/block_checks.hpp"
#include "softgpu/engine/launch.hpp"
#include "softgpu/engine/program.hpp"
#include "softgpu/engine/warp.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cujitsu::softgpu {

class DeviceHeap;
class ModuleImage;

/// One call of a function by some lanes of a warp. They all came from the same instruction of the same caller, so depth
/// and place in local memory are the same for all.
struct Frame {
  const Program* program = nullptr;
  Frame* caller = nullptr;
  const Instruction* return_to = nullptr;  ///< in the caller
  const CallSite* site = nullptr;          ///< where the results go
  std::byte* registers = nullptr;
  std::byte* call_params = nullptr;
  std::uint64_t local_offset = 0;  ///< of its variables in each lane's local memory
  std::uint64_t local_top = 0;     ///< behind them and what alloca took
  std::uint32_t lanes = 0;         ///< that have not returned yet
  std::uint32_t depth = 0;
  std::unique_ptr<std::byte[]> storage;
};

/// Frames that are not in use, by program; belongs to one worker.
class FramePool {
 public:
  /// A frame with its constants filled in.
  Frame* take(const Program& program);
  void give_back(Frame* frame);

 private:
  std::unordered_map<const Program*, std::vector<Frame*>> free_;
  std::vector<std::unique_ptr<Frame>> all_;
};

/// Some lanes of a warp that are at the same instruction of the same frame.
struct Split {
  enum class State : std::uint8_t { runnable, at_barrier, at_sync };
  const Instruction* next = nullptr;  ///< runnable: to be executed; else the instruction that waits
  std::uint32_t lanes = 0;
  Frame* frame = nullptr;
  State state = State::runnable;
  std::uint32_t barrier = 0;   ///< at_barrier: its number
  std::uint32_t members = 0;   ///< at_sync: the member mask
  std::uint64_t last_run = 0;  ///< when it last ran, in scheduler steps of its warp
};

struct WarpState : Warp {
  std::vector<Split> splits;  ///< all but the one that runs
  std::uint64_t step = 0;
  std::uint32_t slice = 0;      ///< backward branches left before others get a turn
  std::uint32_t all_lanes = 0;  ///< that the block gave it
  Frame* entry = nullptr;    ///< of the kernel itself: kept from block to block, with what is the same in all of them
  bool has_yielded = false;  ///< since it last made another kind of progress
};

struct Barrier {
  std::uint32_t expected = 0;  ///< threads, when the instruction names a number; 0: all of the block
  std::uint32_t arrivals = 0;  ///< of bar.arrive
  std::uint32_t waiting = 0;   ///< lanes of splits that wait
  bool reduces = false;        ///< some of them take part in a bar.red
};

struct Block {
  Launch* launch = nullptr;
  std::array<std::uint32_t, 3> index{};
  std::uint64_t linear = 0;
  std::vector<std::unique_ptr<WarpState>> warps;
  std::array<Barrier, 16> barriers{};
  std::byte* shared = nullptr;
  std::unique_ptr<std::byte[]> shared_storage;
  std::unique_ptr<std::byte[]> local_storage;
  std::uint64_t local_bytes = 0;  ///< of local_storage
  std::uint32_t threads = 0;
  std::uint32_t exited = 0;
  FramePool* pool = nullptr;
  std::unique_ptr<BlockChecks> checks;  ///< nullptr: the user wants none
};

/// One grid.
struct Launch {
  const LaunchRequest* request = nullptr;
  const KernelProgram* kernel = nullptr;
  const ModuleImage* image = nullptr;
  AddressSpace* memory = nullptr;
  DeviceHeap* heap = nullptr;
  const std::function<void(std::string_view)>* print = nullptr;
  std::mutex print_mutex;
  std::uint64_t grid_id = 0;
  std::uint64_t grid_workspace = 0;  ///< of a cooperative launch
  std::uint32_t threads_per_block = 0;
  std::uint32_t warps_per_block = 0;
  std::uint32_t shared_bytes = 0;
  std::uint64_t local_stride = 0;
  std::byte* parameters = nullptr;  ///< 16-byte aligned copy

  std::atomic<std::uint64_t> next_block{0};
  std::atomic<std::uint64_t> blocks_done{0};
  std::uint64_t blocks = 0;
  std::uint32_t resident_limit = 1;  ///< blocks that one worker holds at a time

  std::atomic<bool> stopped{false};  ///< somebody has filled in the outcome
  std::mutex outcome_mutex;
  LaunchOutcome outcome;
};

/// "block (1, 0, 0), thread (5, 0, 0)" and the rest of what can be said of a fault.
[[nodiscard]] std::string describe_fault(const WarpState& warp);
/// The thread's index in its block.
[[nodiscard]] std::array<std::uint32_t, 3> thread_index(const WarpState& warp, std::uint32_t lane);
[[nodiscard]] std::array<std::uint32_t, 3> thread_index(const Launch& launch, std::uint32_t linear);
/// " at kernel.cu:3": where an instruction of the program is in the source.
[[nodiscard]] std::string source_text(const Launch& launch, const Program& program, std::uint32_t location);
/// "data race in kernel 'k(int*)', block (0, 0, 0), thread (5, 0, 0) at kernel.cu:3"
[[nodiscard]] std::string describe_finding(std::string_view title, const WarpState& warp, std::uint32_t lane,
                                           std::string_view source);
[[nodiscard]] std::string demangled(const std::string& name);

/// Sets the fault of the warp and returns nullptr, for handlers.
const Instruction* raise(Warp& warp, const Fault& fault) noexcept;

}  // namespace cujitsu::softgpu
