// SPDX-License-Identifier: MIT
// A grid from its first block to its last.
#include "softgpu/engine/execution.hpp"
#include "softgpu/engine/float_mode.hpp"
#include "softgpu/engine/module_image.hpp"
#include "softgpu/engine/runtime/heap.hpp"
#include "softgpu/engine/scheduler.hpp"
#include "softgpu/engine/seeded_schedule.hpp"
#include "softgpu/engine/settings.hpp"
#include "softgpu/engine/workers.hpp"

#include <fmt/format.h>

#include <sched.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <new>
#include <optional>
#include <utility>
#include <vector>

namespace cujitsu::softgpu {
namespace {

// What the device says of itself: 8 multiprocessors of up to 32 blocks each. Kernels that spin on other blocks may count
// on as many being there together.
constexpr std::uint32_t resident_blocks = 8 * 32;

std::atomic<std::uint64_t> grids{0};

/// Shared memory begins at such an address, and ends with room for a read that starts inside.
constexpr std::size_t shared_alignment = 1024;

void prepare_memory(Block& block, const Launch& launch, FramePool& pool) {
  block.pool = &pool;
  if (block.shared == nullptr) {
    const auto bytes = launch.shared_bytes + 2 * shared_alignment;
    block.shared_storage = std::make_unique<std::byte[]>(bytes);
    const auto address = reinterpret_cast<std::uintptr_t>(block.shared_storage.get());
    block.shared = block.shared_storage.get() + (shared_alignment - address % shared_alignment);
    // Nobody may rely on what shared memory holds at first; zeros would hide it.
    std::memset(block.shared, 0xcb, launch.shared_bytes);
  }
  const auto local_bytes = launch.local_stride * warp_size * launch.warps_per_block;
  if (block.local_bytes < local_bytes) {
    block.local_storage = std::make_unique<std::byte[]>(local_bytes);
    block.local_bytes = local_bytes;
  }
}

/// The blocks that one thread holds. The frames are the thread's, so they die last.
class Worker {
 public:
  explicit Worker(Launch& launch) : launch_(launch) {
    if (const auto seed = settings().schedule) schedule_.emplace(*seed, launch.blocks);
  }

  void run() {
    try {
      run_blocks();
    } catch (const std::bad_alloc&) {  // nobody else would catch it: most of these threads are our own
      stop_launch(launch_, 2, "out of memory");
    }
  }

 private:
  void run_blocks() {
    const FloatMode mode;  // what handlers expect; the caller's comes back at the end
    while (!launch_.stopped.load(std::memory_order_relaxed)) {
      if (running_.empty() && !start_another()) return;
      auto& block = *running_.front();
      switch (schedule_ ? schedule_->run(block) : run_block(block)) {
        case BlockOutcome::finished:
          finish(running_.front());
          running_.pop_front();
          break;
        case BlockOutcome::yielded: give_way(); break;
        case BlockOutcome::deadlock: return report_deadlock(block);  // no other block can help it
        case BlockOutcome::fault: return;
      }
    }
  }

  bool start_another() {
    const auto next = launch_.next_block.fetch_add(1, std::memory_order_relaxed);
    if (next >= launch_.blocks) return false;
    std::unique_ptr<Block> block;
    if (idle_.empty()) {
      block = std::make_unique<Block>();
    } else {
      block = std::move(idle_.back());
      idle_.pop_back();
    }
    prepare_memory(*block, launch_, pool_);
    start_block(*block, launch_, schedule_ ? schedule_->next_block() : next);
    running_.push_front(std::move(block));
    return true;
  }

  void finish(std::unique_ptr<Block>& block) {
    idle_.push_back(std::move(block));
    launch_.blocks_done.fetch_add(1, std::memory_order_relaxed);
    turns_ = 0;
  }

  /// A block that loops may wait for one that has not begun.
  void give_way() {
    const bool has_room = running_.size() < launch_.resident_limit;
    if (schedule_) {
      if (has_room && schedule_->wants_another(running_.size(), ++turns_) && start_another()) turns_ = 0;
      std::swap(running_.front(), running_[schedule_->choose(running_.size())]);
      return;
    }
    if (has_room && start_another()) return;
    if (running_.size() == 1) {
      ::sched_yield();
      return;
    }
    running_.push_back(std::move(running_.front()));
    running_.pop_front();
  }

  void report_deadlock(Block& block) {
    if (block.checks != nullptr && block.checks->explains_deadlock(block)) return;
    stop_launch(launch_, 702,
                fmt::format("deadlock in kernel '{}', block ({}, {}, {}): all of its threads wait at barriers or "
                            "warp-wide operations that the others never reach",
                            demangled(launch_.kernel->name), block.index[0], block.index[1], block.index[2]));
  }

  Launch& launch_;
  FramePool pool_;
  std::deque<std::unique_ptr<Block>> running_;
  std::vector<std::unique_ptr<Block>> idle_;
  std::optional<SeededSchedule> schedule_;  ///< of the user's seed
  std::uint64_t turns_ = 0;                 ///< since a block began or ended; counted for schedule_
};

/// The parameters at an address that all kinds of parameters are aligned at, with zeros behind them.
struct Parameters {
  explicit Parameters(const LaunchRequest& request, std::uint32_t bytes) : storage((bytes + 15) / 16 + 1) {
    const auto given = std::min<std::size_t>(bytes, request.parameters.size());
    if (given != 0) std::memcpy(storage.data(), request.parameters.data(), given);
  }
  struct alignas(16) Unit {
    std::byte bytes[16] = {};
  };
  std::vector<Unit> storage;
};

}  // namespace

LaunchOutcome run(AddressSpace& memory, const LaunchRequest& request,
                  const std::function<void(std::string_view)>& print) {
  const auto& image = static_cast<const ModuleImage&>(*request.module);
  const auto* kernel = image.program(request.kernel);
  if (kernel == nullptr) return {500, fmt::format("there is no kernel '{}'", request.kernel)};
  if (!kernel->why_not.empty()) return {801, kernel->why_not};

  Launch launch;
  launch.request = &request;
  launch.kernel = kernel;
  launch.image = &image;
  launch.memory = &memory;
  launch.heap = kernel->uses_runtime ? &heap_of(memory, request.heap_bytes) : nullptr;
  launch.print = &print;
  launch.grid_id = grids.fetch_add(1, std::memory_order_relaxed) + 1;
  launch.threads_per_block = static_cast<std::uint32_t>(request.block.count());
  launch.warps_per_block = (launch.threads_per_block + warp_size - 1) / warp_size;
  launch.shared_bytes = request.dynamic_shared_bytes == 0
                            ? kernel->static_shared_bytes
                            : kernel->dynamic_shared_offset + request.dynamic_shared_bytes;
  const bool needs_stack = kernel->programs.size() > 1 || kernel->entry->local_bytes != 0 || kernel->uses_alloca;
  // An odd number of cache lines, so that the lanes' stacks do not compete for the same ones.
  launch.local_stride = needs_stack ? ((kernel->entry->local_bytes + request.stack_bytes + 63) / 64 * 64 | 64) : 0;
  Parameters parameters(request, kernel->parameter_bytes);
  launch.parameters = reinterpret_cast<std::byte*>(parameters.storage.data());
  launch.blocks = request.grid.count();
  alignas(16) std::uint32_t workspace[4] = {sizeof workspace, 0, 0, 0};
  if (request.cooperative) {
    launch.grid_workspace = reinterpret_cast<std::uint64_t>(workspace);
    memory.add_host(workspace, sizeof workspace);
  }

  // Threads would put an order of their own into a schedule that is to be the same every time.
  const auto helpers =
      settings().schedule ? 0u : static_cast<unsigned>(std::min<std::uint64_t>(launch.blocks - 1, worker_count() - 1));
  launch.resident_limit =
      request.cooperative ? static_cast<std::uint32_t>(launch.blocks) : std::max(1u, resident_blocks / (helpers + 1));
  run_on_workers(helpers, [&launch] { Worker(launch).run(); });
  if (request.cooperative) memory.remove_host(workspace);
  return std::move(launch.outcome);
}

const Program* program_at(const Launch& launch, std::uint64_t address) noexcept {
  const auto* function = launch.image->function_at(address);
  if (function == nullptr) return nullptr;
  const auto it = launch.kernel->programs.find(function);
  return it == launch.kernel->programs.end() ? nullptr : &it->second;
}

}  // namespace cujitsu::softgpu
