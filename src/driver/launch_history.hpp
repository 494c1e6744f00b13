// SPDX-License-Identifier: MIT
// Which kernel broke a context: faults are reported by whatever call comes next, often far from the launch.
#pragma once

#include "driver/api.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace cujitsu::driver::launch_history {

namespace detail {
// The fields are written one by one, so a reader may see a mixture of two launches made at the same time; the text is
// for a person, and a lock on the launch path would cost every launch.
struct Record {
  std::atomic<ContextHandle> context{nullptr};
  std::atomic<StreamHandle> stream{nullptr};
  std::atomic<const std::string*> kernel{nullptr};
};

constexpr std::size_t capacity = 16;
inline constinit std::array<Record, capacity> records{};
inline constinit std::atomic<std::uint64_t> next{0};
}  // namespace detail

/// A copy of `name` that lives until the process ends, equal names once: what `record` keeps.
[[nodiscard]] const std::string* intern(const std::string& name);

/// Notes a launch; a null context stands for every one. A few relaxed stores; remembers the last 16 of the process.
inline void record(ContextHandle context, StreamHandle stream, const std::string* kernel) noexcept {
  auto& slot = detail::records[detail::next.fetch_add(1, std::memory_order_relaxed) % detail::capacity];
  slot.context.store(context, std::memory_order_relaxed);
  slot.stream.store(stream, std::memory_order_relaxed);
  slot.kernel.store(kernel, std::memory_order_relaxed);
}

/// The work of this stream has ended without a fault.
void forget(ContextHandle context, StreamHandle stream) noexcept;
/// The work of all of the context's streams has.
void forget(ContextHandle context) noexcept;

/// A launch itself returned a fault. With CUDA_LAUNCH_BLOCKING=1 every earlier one has ended well, so it was this one;
/// otherwise the context was broken before.
void blame_if_blocking(ContextHandle context, const std::string* kernel);

/// After a fault: a sentence that names the kernel, or the kernels that may have done it. Fixed by the first call for
/// each context, so that every later error tells the same. Empty when nothing was launched by cujitsu.
[[nodiscard]] std::string blame(ContextHandle context);

}  // namespace cujitsu::driver::launch_history
