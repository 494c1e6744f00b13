// SPDX-License-Identifier: MIT
// What cujitsu does of its own accord must not break a capture that is going on.
#pragma once

#include "driver/driver.hpp"

namespace cujitsu::driver {

/// For its lifetime, the calling thread may allocate, free and load although a stream is being captured, in this thread
/// or in another. For calls that have nothing to do with captured work and that the user did not write where they
/// happen: destructors, loading. Two driver calls that only set a variable of the thread; never throws.
class AllowedDuringCapture {
 public:
  explicit AllowedDuringCapture(const Api& table) noexcept : table_(table) { exchange(); }
  ~AllowedDuringCapture() { exchange(); }
  AllowedDuringCapture(const AllowedDuringCapture&) = delete;
  AllowedDuringCapture& operator=(const AllowedDuringCapture&) = delete;

 private:
  void exchange() noexcept {
    if (mode_ >= 0 && table_.cuThreadExchangeStreamCaptureMode(&mode_) != result::success) mode_ = -1;
  }

  const Api& table_;
  int mode_ = capture_mode::relaxed;  // ours, then the thread's own
};

}  // namespace cujitsu::driver
