// SPDX-License-Identifier: MIT
// Which accesses of a block's threads come before which: vector clocks. They advance at barriers, at __syncwarp, and at
// atomic, volatile and ordered accesses.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace cujitsu::softgpu {

/// A moment of one thread.
struct Moment {
  std::uint32_t clock = 0;
  std::uint32_t thread = 0;
};

/// Memory is bounded by (threads + places) * threads words.
class Clocks {
 public:
  /// Where order is handed on through memory. Several addresses may share one: more is ordered then, never less.
  static constexpr std::uint32_t shared_places = 1024;
  static constexpr std::uint32_t global_places = 64;
  static constexpr std::uint32_t barriers = 16;

  /// A new block: nothing that was seen before is unordered with what follows. False: numbers have run out, and moments
  /// that somebody still knows mean nothing any more.
  bool start(std::uint32_t threads);

  [[nodiscard]] Moment now(std::uint32_t thread) const noexcept { return {own_[thread], thread}; }
  /// Whether `earlier` happened before all that `thread` does from now on.
  [[nodiscard]] bool is_before(Moment earlier, std::uint32_t thread) const noexcept {
    if (earlier.clock < start_ || earlier.thread == thread) return true;
    const auto& known = known_[thread];
    return known != nullptr && (*known)[earlier.thread] >= earlier.clock;
  }

  /// All threads have waited for each other.
  void join_all();
  /// These threads have waited for each other.
  void join(std::span<const std::uint32_t> threads);
  /// A thread comes to a barrier, whether it waits there or not, …
  void arrive(std::uint32_t thread, std::uint32_t barrier);
  /// … and when enough have come, those who waited know what all of them did before.
  void leave(std::span<const std::uint32_t> threads, std::uint32_t barrier);

  void release(std::uint32_t thread, std::uint32_t place);
  void acquire(std::uint32_t thread, std::uint32_t place);

 private:
  using Vector = std::vector<std::uint32_t>;
  using Shared = std::shared_ptr<Vector>;  // a thread's own element is in own_; threads that were joined share one
  struct Place {
    std::uint32_t start = 0;  ///< the start_ for which it holds
    Vector known;
  };

  void add(Vector& to, std::uint32_t thread) const;
  [[nodiscard]] Shared fresh() const { return std::make_shared<Vector>(own_.size(), 0); }

  std::uint32_t start_ = 1;   ///< whatever has an earlier clock happened before everything
  std::uint32_t latest_ = 0;  ///< the highest of own_
  std::vector<std::uint32_t> own_;
  std::vector<Shared> known_;  ///< nullptr: nothing since start_
  std::array<Place, shared_places + global_places> places_;
  struct Arrivals {
    Shared known;
    Shared added;  ///< what was joined last
  };
  std::array<Arrivals, barriers> arrivals_;
};

}  // namespace cujitsu::softgpu
