// SPDX-License-Identifier: MIT
// What the user has asked softgpu for and the engine must know: fixed by cuInit, before anything is loaded or runs.
#pragma once

#include <cstdint>
#include <optional>

namespace cujitsu::softgpu {

/// Checks that cost too much to be always on (CUJITSU_SOFTGPU_CHECK).
struct Checks {
  bool races = false;          ///< of shared memory
  bool uninitialized = false;  ///< reads of memory that nothing has written
  bool barriers = false;       ///< that part of the threads miss
  [[nodiscard]] bool any() const noexcept { return races || uninitialized || barriers; }
};

struct Settings {
  Checks checks;
  std::optional<std::uint64_t> schedule;  ///< the seed of CUJITSU_SOFTGPU_SCHEDULE
};

/// For cuInit alone.
void set_settings(const Settings& settings) noexcept;
[[nodiscard]] const Settings& settings() noexcept;

}  // namespace cujitsu::softgpu
